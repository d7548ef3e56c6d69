import CVignetteKernels

extension DType {
  var kernels: kernels_type { self == .bfloat16 ? KERNELS_BF16 : KERNELS_F32 }
}

/// output = the values of x, contiguous as it, in output's type.
func convert(_ x: Tensor, into output: Tensor) {
  guard haveMemory(x, output) else { return }
  precondition(
    x.count == output.count && x.isContiguous && output.isContiguous, "\(x.shape) converted with gaps")
  parallel(x.count, grain: elementGrain) { range in
    let start = range.lowerBound
    kernels_convert(
      x.dtype.kernels, x.pointer(at: start), output.dtype.kernels, output.pointer(at: start),
      Int64(range.count))
  }
}

/// output = a + b, contiguous or row-strided tensors of one shape and type.
func addElements(_ a: Tensor, _ b: Tensor, into output: Tensor) {
  guard haveMemory(a, b, output) else { return }
  precondition(a.shape == b.shape && a.dtype == b.dtype && output.dtype == a.dtype, "\(a.shape) + \(b.shape)")
  let type = a.dtype.kernels
  if a.isContiguous && b.isContiguous && output.isContiguous {
    parallel(output.count, grain: elementGrain) { range in
      let start = range.lowerBound
      kernels_add(
        type, Int64(range.count), a.pointer(at: start), b.pointer(at: start), output.pointer(at: start))
    }
    return
  }
  let columns = output.shape.last ?? 1
  let (a, b, sum) = (a.asRows(), b.asRows(), output.asRows())
  parallel(output.count / max(1, columns), grain: max(1, elementGrain / max(1, columns))) { range in
    for row in range {
      kernels_add(
        type, Int64(columns), a.pointer(at: row * a.strides[0]), b.pointer(at: row * b.strides[0]),
        sum.pointer(at: row * sum.strides[0]))
    }
  }
}

/// output = a ⊙ b, contiguous tensors of one shape and type.
func multiplyElements(_ a: Tensor, _ b: Tensor, into output: Tensor) {
  guard haveMemory(a, b, output) else { return }
  precondition(a.shape == b.shape && a.dtype == b.dtype && output.dtype == a.dtype, "\(a.shape) · \(b.shape)")
  parallel(output.count, grain: elementGrain) { range in
    let start = range.lowerBound
    kernels_multiply(
      a.dtype.kernels, Int64(range.count), a.pointer(at: start), b.pointer(at: start),
      output.pointer(at: start))
  }
}

/// output [E, ...] = x + y for each of the E entries, all contiguous float32.
func addToEachEntry(_ x: Tensor, _ y: Tensor, into output: Tensor) {
  guard haveMemory(x, y, output) else { return }
  let size = y.count
  let (from, addend, sum) = (x.float32, y.float32, output.float32)
  for start in stride(from: 0, to: x.count, by: size) {
    kernels_add(KERNELS_F32, Int64(size), from + start, addend, sum + start)
  }
}

/// output = factor · x, contiguous float32.
func multiply(_ x: Tensor, by factor: Float, into output: Tensor) {
  guard haveMemory(x, output) else { return }
  kernels_scale(Int64(x.count), factor, x.float32, output.float32)
}

/// output [E, ...] = each entry of x by a factor of its own, contiguous float32.
func scaleEntries(_ x: Tensor, by factors: [Float], into output: Tensor) {
  guard haveMemory(x, output) else { return }
  let size = x.count / max(1, factors.count)
  for (entry, factor) in factors.enumerated() {
    kernels_scale(Int64(size), factor, x.float32 + entry * size, output.float32 + entry * size)
  }
}

/// output [R, C] = x ⊙ factors [C] for each row, contiguous float32.
func scaleColumns(_ x: Tensor, by factors: Tensor, into output: Tensor) {
  guard haveMemory(x, factors, output) else { return }
  let columns = factors.count
  parallel(x.count / columns, grain: max(1, elementGrain / columns)) { range in
    let start = range.lowerBound * columns
    kernels_scale_columns(
      Int64(range.count), Int64(columns), factors.float32, x.float32 + start, output.float32 + start)
  }
}

/// output = x · mask / (1 − probability), where the mask is a function of seed and index; contiguous.
func dropOut(_ x: Tensor, probability: Float, seed: UInt64, into output: Tensor) {
  guard haveMemory(x, output) else { return }
  parallel(x.count, grain: elementGrain) { range in
    kernels_dropout(
      x.dtype.kernels, Int64(range.lowerBound), Int64(range.upperBound), seed, probability, x.pointer,
      output.pointer)
  }
}
