import CVignetteOneDNN

/// A constant matrix [K, N] in oneDNN's blocked layout.
final class PackedWeight {
  let handle: OpaquePointer

  /// - Parameters:
  ///   - matrix: [K, N], of any strides, float32.
  ///   - rows: about how many rows the left-hand sides will have.
  init(_ matrix: Tensor, dtype: DType, rows: Int) {
    var array = matrix.array
    guard let handle = onednn_pack(&array, dtype.onednn, Int64(rows)) else { oneDNNFailure() }
    self.handle = handle
  }

  deinit { onednn_packed_free(handle) }
}
