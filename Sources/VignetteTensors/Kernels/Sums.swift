import CVignetteKernels

/// sums[c] += Σ_r rows[r, c], for bias gradients. `rows` [R, C] may have gaps between rows.
func addColumnSums(of rows: Tensor, to sums: Tensor) {
  guard haveMemory(rows, sums) else { return }
  let (count, columns) = (rows.shape[0], rows.shape[1])
  let target = sums.float32
  // Threads take columns, not rows, so that sums never depend on how rows were cut.
  parallel(columns, grain: 64) { range in
    let start = range.lowerBound
    kernels_column_sums(
      rows.dtype.kernels, Int64(count), Int64(range.count), Int64(rows.strides[0]), rows.pointer(at: start),
      target + start)
  }
}

/// sums[c] += Σ_r a[r, c] · b[r, c], contiguous float32 whose last dimension is C.
func addProductColumnSums(of a: Tensor, _ b: Tensor, to sums: Tensor) {
  guard haveMemory(a, b, sums) else { return }
  let columns = sums.count
  let target = sums.float32
  parallel(columns, grain: 64) { range in
    let start = range.lowerBound
    kernels_product_column_sums(
      Int64(a.count / columns), Int64(range.count), Int64(columns), a.float32 + start, b.float32 + start,
      target + start)
  }
}

extension Tensor {
  /// Σ x² of a contiguous float32 tensor; not finite where an element isn't.
  ///
  /// Cut the same way whatever the number of threads, so that the sum is the same.
  var sumOfSquares: Double {
    precondition(dtype == .float32 && isContiguous, "sums are of contiguous float32")
    guard haveMemory(self) else { return .nan }
    let pieces = (count + elementGrain - 1) / elementGrain
    var sums = [Double](repeating: 0, count: pieces)
    sums.withUnsafeMutableBufferPointer { sums in
      let results = sums.baseAddress
      parallel(pieces, grain: 1) { range in
        for piece in range {
          let start = piece * elementGrain
          results?[piece] = kernels_sum_of_squares(Int64(min(elementGrain, count - start)), float32 + start)
        }
      }
    }
    return sums.reduce(0, +)
  }

  /// Σ x of a contiguous float32 tensor in double precision, one element after the other.
  var sum: Double { withFloats { $0.reduce(0.0) { $0 + Double($1) } } }
}
