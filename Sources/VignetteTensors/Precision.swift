/// How matrix products are computed.
///
/// Parameters, the residual stream, statistics of layer norms, logits and losses are float32 in any case.
public enum Precision: String, Sendable, CaseIterable, Codable {
  case float32
  /// Products of bfloat16, summed in float32: half the memory traffic, and up to twice the arithmetic speed.
  case bfloat16
  /// Products of 8-bit integers, for inference: weights with a scale for each output, what flows in with one for each token.
  /// All else is as with ``bfloat16``: attention, what flows between products, the embedding of patches, the vocabulary's head.
  case int8

  /// Whether this processor has kernels for bfloat16 (AVX-512 or later on x86).
  public static var supportsBFloat16: Bool { hasBFloat16Kernels }

  /// Whether this processor multiplies 8-bit integers faster than other numbers (VNNI or AMX on x86).
  public static var supportsInt8: Bool { hasInt8Kernels }

  /// The type of the elements that products take, and that flow from one to the next.
  package var dtype: DType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .int8: hasBFloat16Kernels ? .bfloat16 : .float32
    }
  }

  /// This one, or the next that this processor has kernels for.
  package var supported: Precision {
    switch self {
    case .float32: .float32
    case .bfloat16: hasBFloat16Kernels ? .bfloat16 : .float32
    case .int8: hasInt8Kernels ? .int8 : Precision.bfloat16.supported
    }
  }
}
