import CVignetteKernels

/// a + b, of one shape and type.
public func + (a: Tensor, b: Tensor) -> Tensor {
  let sum = Tensor(uninitialized: a.shape, dtype: a.dtype)
  addElements(a.detached, b.detached, into: sum)
  guard let tape = Tape.of(a, b) else { return sum }
  return tape.record(sum, from: [a, b]) { [a = a.gradientNode, b = b.gradientNode] gradient in
    a?.accumulate(gradient)
    b?.accumulate(gradient)
  }
}

/// x [B, ...] + p [1, ...] or [...]: the same parameter added to every entry of a batch, as learned
/// positions are.
public func add(_ x: Tensor, _ parameter: Parameter) -> Tensor {
  add(x, toEachEntry: parameter.tensor(on: Tape.of(x)))
}

/// x [B, ...] + y [1, ...] or [...], float32: the same y added to every entry of a batch.
public func add(_ x: Tensor, toEachEntry y: Tensor) -> Tensor {
  let size = y.count
  precondition(size > 0 && x.count % size == 0, "\(y.shape) added to each entry of \(x.shape)")
  let input = x.detached.contiguous().cast(to: .float32)
  let addend = y.detached.contiguous()
  let sum = Tensor(uninitialized: x.shape)
  for start in stride(from: 0, to: x.count, by: size) {
    kernels_add_f32(Int64(size), input.float32 + start, addend.float32, sum.float32 + start)
  }
  guard let tape = Tape.of(x, y) else { return sum }
  return tape.record(sum, from: [x, y]) {
    [x = x.gradientNode, y = y.gradientNode, shape = y.shape] gradient in
    x?.accumulate(gradient)
    guard let y else { return }
    let sums = Tensor(zeros: shape)
    addColumnSums(of: gradient.reshaped(to: [-1, size]), to: sums)
    y.accumulate(sums)
  }
}
