import CVignetteOneDNN

extension DType {
  var onednn: onednn_type { self == .bfloat16 ? ONEDNN_BF16 : ONEDNN_F32 }
}

extension Tensor {
  /// This tensor as oneDNN sees it.
  var array: onednn_array {
    precondition(rank <= Int(ONEDNN_MAX_RANK), "\(shape) has too many dimensions for a product")
    var result = onednn_array()
    result.data = pointer
    result.type = dtype.onednn
    result.rank = Int32(rank)
    withUnsafeMutableBytes(of: &result.dims) { dims in
      withUnsafeMutableBytes(of: &result.strides) { steps in
        for axis in 0..<rank {
          dims.storeBytes(of: Int64(shape[axis]), toByteOffset: axis * 8, as: Int64.self)
          steps.storeBytes(of: Int64(strides[axis]), toByteOffset: axis * 8, as: Int64.self)
        }
      }
    }
    return result
  }

  /// The last two dimensions exchanged, as a view without history.
  package var transposed: Tensor {
    var shape = shape
    var strides = strides
    shape.swapAt(rank - 1, rank - 2)
    strides.swapAt(rank - 1, rank - 2)
    return Tensor(shape: shape, strides: strides, dtype: dtype, storage: storage, offset: offset)
  }
}

/// output = activation(scale · left × right + bias) + residual (+ output), on whole matrices.
func matmul(
  _ left: Tensor, _ right: Tensor, into output: Tensor, packed: PackedWeight? = nil, bias: Tensor? = nil,
  activation: Activation = .identity, scale: Float = 1, residual: Tensor? = nil, accumulate: Bool = false
) {
  guard haveMemory(left, right, bias, residual, output) else { return }
  guard output.count > 0 else { return }
  Threads.prepare()
  var call = onednn_matmul_call()
  call.left = left.array
  call.right = right.array
  call.packed = packed?.handle
  call.bias = bias.map { UnsafePointer($0.float32) }
  call.output = output.array
  call.function = activation.onednn
  call.scale = scale
  call.accumulate = accumulate
  let status: Int32
  if let residual {
    var array = residual.array
    status = withUnsafePointer(to: &array) { pointer in
      call.residual = pointer
      return onednn_matmul(&call)
    }
  } else {
    status = onednn_matmul(&call)
  }
  if status != 0 { noteOneDNNFailure() }
  withExtendedLifetime((left, right, packed, bias, residual, output)) {}
}

/// `matmul` of matrices with a very large side (a vocabulary's), in parts: oneDNN's whole product of such
/// matrices runs at half the speed of its parts.
func matmulInParts(_ left: Tensor, _ right: Tensor, into output: Tensor, accumulate: Bool) {
  let (rows, shared) = (left.shape[0], left.shape[1])
  let part = 8192
  if shared > 2 * part {
    for start in stride(from: 0, to: shared, by: part) {
      let range = start..<min(start + part, shared)
      matmul(
        left.slice(range, axis: 1), right.slice(range, axis: 0), into: output,
        accumulate: accumulate || start > 0)
    }
  } else if rows > 2 * part {
    for start in stride(from: 0, to: rows, by: part) {
      let range = start..<min(start + part, rows)
      matmul(left.slice(range, axis: 0), right, into: output.slice(range, axis: 0), accumulate: accumulate)
    }
  } else {
    matmul(left, right, into: output, accumulate: accumulate)
  }
}

/// Notes what oneDNN says: products of shapes that fit and memory that exists don't fail.
func noteOneDNNFailure() {
  MemoryFault.note(
    "oneDNN \(String(cString: onednn_version_text())): \(String(cString: onednn_last_error()))")
}

/// A constant matrix [K, N] in oneDNN's blocked layout.
final class PackedWeight {
  let handle: OpaquePointer
  private let storage: Storage

  /// Nil where there is no memory for it, which is noted.
  ///
  /// - Parameters:
  ///   - matrix: [K, N], of any strides, float32.
  ///   - rows: about how many rows the left-hand sides will have.
  init?(_ matrix: Tensor, precision: Precision, rows: Int) {
    guard haveMemory(matrix) else { return nil }
    Threads.prepare()
    let (k, n) = (Int64(matrix.shape[0]), Int64(matrix.shape[1]))
    guard let handle = onednn_packed_new(k, n, precision.dtype.onednn, Int64(rows)) else {
      noteOneDNNFailure()
      return nil
    }
    self.handle = handle
    storage = Storage(byteCount: onednn_packed_size(handle))
    guard let data = storage.base else { return nil }
    var array = matrix.array
    guard onednn_pack(handle, &array, data) == 0 else {
      noteOneDNNFailure()
      return nil
    }
  }

  deinit { onednn_packed_free(handle) }
}

/// Whether oneDNN has kernels for products of bfloat16 on this processor.
var hasBFloat16Kernels: Bool { onednn_supports_bf16() }
