import CVignetteKernels

/// How many elements make a thread's start worth while.
let elementGrain = 1 << 15

/// output = a + b, contiguous or row-strided tensors of one shape and type.
func addElements(_ a: Tensor, _ b: Tensor, into output: Tensor) {
  precondition(a.shape == b.shape && a.dtype == b.dtype && output.dtype == a.dtype, "\(a.shape) + \(b.shape)")
  let columns = output.shape.last ?? 1
  let whole = a.isContiguous && b.isContiguous && output.isContiguous
  let (a, b, sum) = whole ? (a, b, output) : (a.asRows(), b.asRows(), output.asRows())
  let (rows, width) = whole ? (output.count, 1) : (output.count / max(1, columns), columns)
  parallel(rows, grain: max(1, elementGrain / width)) { range in
    if whole {
      add(
        a.offset(range.lowerBound), b.offset(range.lowerBound), sum.offset(range.lowerBound), range.count,
        a.dtype)
    } else {
      for row in range {
        add(
          a.offset(row * a.strides[0]), b.offset(row * b.strides[0]), sum.offset(row * sum.strides[0]),
          columns,
          a.dtype)
      }
    }
  }
}

private func add(
  _ a: UnsafeMutableRawPointer, _ b: UnsafeMutableRawPointer, _ sum: UnsafeMutableRawPointer, _ count: Int,
  _ dtype: DType
) {
  switch dtype {
  case .float32:
    kernels_add_f32(
      Int64(count), a.assumingMemoryBound(to: Float.self), b.assumingMemoryBound(to: Float.self),
      sum.assumingMemoryBound(to: Float.self))
  case .bfloat16:
    kernels_add_bf16(
      Int64(count), a.assumingMemoryBound(to: UInt16.self), b.assumingMemoryBound(to: UInt16.self),
      sum.assumingMemoryBound(to: UInt16.self))
  }
}

extension Tensor {
  /// The memory `elements` after the first.
  func offset(_ elements: Int) -> UnsafeMutableRawPointer { pointer + elements * dtype.size }
}

/// sums[c] += Σ_r rows[r, c], for bias gradients. `rows` [R, C] may have gaps between rows.
func addColumnSums(of rows: Tensor, to sums: Tensor) {
  let (count, columns) = (rows.shape[0], rows.shape[1])
  let target = sums.float32
  // Threads take columns, not rows, so that sums never depend on how rows were cut.
  parallel(columns, grain: 64) { range in
    switch rows.dtype {
    case .float32:
      kernels_column_sums_f32(
        Int64(count), Int64(range.count), Int64(rows.strides[0]), rows.float32 + range.lowerBound,
        target + range.lowerBound)
    case .bfloat16:
      kernels_column_sums_bf16(
        Int64(count), Int64(range.count), Int64(rows.strides[0]), rows.bfloat16 + range.lowerBound,
        target + range.lowerBound)
    }
  }
}

extension Tensor {
  /// Σ x² of a contiguous float32 tensor; not finite where an element isn't.
  ///
  /// Cut the same way whatever the number of threads, so that the sum is the same.
  var sumOfSquares: Double {
    precondition(dtype == .float32 && isContiguous, "sums are of contiguous float32")
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
}
