/// The type of a tensor's elements.
///
/// Parameters are kept in ``float32``; activations may be computed in ``bfloat16``, the upper half of
/// a float32, at half the memory traffic and up to twice the arithmetic speed.
public enum DType: String, Sendable, CaseIterable, Codable {
  case float32
  case bfloat16

  /// Bytes per element.
  public var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    }
  }
}
