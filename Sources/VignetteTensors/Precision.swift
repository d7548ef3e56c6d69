import CVignetteOneDNN

/// What this processor can compute in.
public enum Precision {
  /// Whether there are kernels for bfloat16 products (AVX-512 or later on x86).
  public static var supportsBFloat16: Bool { onednn_supports_bf16() }
}
