/// How matrix products are computed.
///
/// Parameters, the residual stream, statistics of layer norms, logits and losses are float32 in any case.
public enum Precision: String, Sendable, CaseIterable, Codable {
  case float32
  /// Products of bfloat16, summed in float32: half the memory traffic, and up to twice the arithmetic speed.
  case bfloat16

  /// Whether this processor has kernels for bfloat16 (AVX-512 or later on x86).
  public static var supportsBFloat16: Bool { hasBFloat16Kernels }

  /// The type of the elements that products take, and that flow from one to the next.
  package var dtype: DType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    }
  }
}
