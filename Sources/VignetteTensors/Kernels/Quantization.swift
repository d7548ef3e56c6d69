import CVignetteKernels
import CVignetteOneDNN

/// A matrix [R, C] of 8-bit integers, and what those of each row or of each column stand for: x ≈ scale · q, |q| ≤ 127.
struct QuantizedMatrix {
  let scales: Tensor
  private let integers: Storage
  private let rows, columns: Int

  /// With a scale for each row.
  ///
  /// - Parameter x: [R, C] of either type, whose rows may stand apart.
  init(rowsOf x: Tensor) {
    precondition(x.rank == 2 && x.strides[1] == 1, "rows of \(x.shape) have gaps")
    self.init(x.shape, scales: x.shape[0])
    let (columns, scales) = (columns, scales)
    guard haveMemory(x, scales), let target = values else { return }
    parallel(rows, grain: max(1, elementGrain / max(1, columns))) { range in
      kernels_quantize_rows(
        x.dtype.kernels, Int64(columns), Int64(x.strides[0]), Int64(range.lowerBound),
        Int64(range.upperBound),
        x.pointer, target, scales.float32)
    }
  }

  /// With a scale for each column.
  ///
  /// - Parameter x: [R, C], float32 and contiguous.
  init(columnsOf x: Tensor) {
    precondition(x.rank == 2 && x.isContiguous && x.dtype == .float32, "columns of \(x.shape) have gaps")
    self.init(x.shape, scales: x.shape[1])
    let (rows, columns, scales) = (rows, columns, scales)
    guard haveMemory(x, scales), let target = values else { return }
    parallel(columns, grain: max(64, elementGrain / max(1, rows))) { range in
      kernels_quantize_columns(
        Int64(rows), Int64(columns), Int64(range.lowerBound), Int64(range.upperBound), x.float32, target,
        scales.float32)
    }
  }

  private init(_ shape: [Int], scales count: Int) {
    (rows, columns) = (shape[0], shape[1])
    scales = Tensor(uninitialized: [count])
    integers = Storage(byteCount: rows * columns)
  }

  private var values: UnsafeMutablePointer<Int8>? { integers.base?.assumingMemoryBound(to: Int8.self) }

  /// The integers as oneDNN sees them; nil where there was no memory for them.
  var array: onednn_array? { array(shape: (rows, columns), strides: (columns, 1)) }

  /// The same with rows and columns exchanged.
  var transposedArray: onednn_array? { array(shape: (columns, rows), strides: (1, columns)) }

  private func array(shape: (Int, Int), strides: (Int, Int)) -> onednn_array? {
    guard let values else { return nil }
    var array = onednn_array()
    array.data = UnsafeMutableRawPointer(values)
    array.type = ONEDNN_S8
    array.rank = 2
    array.dims.0 = Int64(shape.0)
    array.dims.1 = Int64(shape.1)
    array.strides.0 = Int64(strides.0)
    array.strides.1 = Int64(strides.1)
    return array
  }
}

/// A constant matrix [K, N] of 8-bit integers in oneDNN's blocked layout, with a scale for each column.
final class QuantizedWeight {
  let packed: PackedWeight
  /// [N]
  let scales: Tensor

  /// Nil where there is no memory for it, which is noted.
  ///
  /// - Parameters:
  ///   - matrix: [K, N] or the transpose of such, float32 and without gaps.
  ///   - rows: about how many rows the left-hand sides will have.
  init?(_ matrix: Tensor, rows: Int) {
    let isPlain = matrix.isContiguous
    let quantized =
      isPlain ? QuantizedMatrix(columnsOf: matrix) : QuantizedMatrix(rowsOf: matrix.transposed)
    guard let array = isPlain ? quantized.array : quantized.transposedArray,
      let packed = PackedWeight(array, as: ONEDNN_S8, rows: rows)
    else { return nil }
    self.packed = packed
    scales = quantized.scales
    withExtendedLifetime(quantized) {}
  }
}
