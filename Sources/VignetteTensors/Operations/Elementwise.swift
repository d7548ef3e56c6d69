// Sums, factors and types, element by element.

/// a + b, of one shape and type.
package func + (a: Tensor, b: Tensor) -> Tensor {
  let sum = Tensor(uninitialized: a.shape, dtype: a.dtype)
  addElements(a.detached, b.detached, into: sum)
  guard let tape = Tape.of(a, b) else { return sum }
  return tape.record(sum, from: [a, b]) { [a = a.gradientNode, b = b.gradientNode] gradient in
    a?.accumulate(gradient)
    b?.accumulate(gradient)
  }
}

/// a ⊙ b, of one shape and type.
package func * (a: Tensor, b: Tensor) -> Tensor {
  let (left, right) = (a.detached.contiguous(), b.detached.contiguous())
  let tape = Tape.of(a, b)
  let result = product(left, right)
  guard let tape else { return result }
  return tape.record(result, from: [a, b]) { [a = a.gradientNode, b = b.gradientNode] gradient in
    let upstream = gradient.cast(to: left.dtype).contiguous()
    a?.accumulate(product(upstream, right))
    b?.accumulate(product(upstream, left))
  }
}

private func product(_ a: Tensor, _ b: Tensor) -> Tensor {
  let result = Tensor(uninitialized: a.shape, dtype: a.dtype)
  multiplyElements(a, b, into: result)
  return result
}

/// factor · x, float32.
package func scaled(_ x: Tensor, by factor: Float) -> Tensor {
  let result = multiple(x.detached, factor)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(multiple(gradient, factor))
  }
}

private func multiple(_ x: Tensor, _ factor: Float) -> Tensor {
  let result = Tensor(uninitialized: x.shape)
  multiply(x.contiguous().cast(to: .float32), by: factor, into: result)
  return result
}

/// x [B, ...] + p [1, ...] or [...]: the same parameter added to every entry of a batch, as learned
/// positions are.
package func add(_ x: Tensor, _ parameter: Parameter) -> Tensor {
  add(x, toEachEntry: parameter.tensor(on: Tape.of(x)))
}

/// x [B, ...] + y [1, ...] or [...], float32: the same y added to every entry of a batch.
package func add(_ x: Tensor, toEachEntry y: Tensor) -> Tensor {
  let size = y.count
  precondition(size > 0 && x.count % size == 0, "\(y.shape) added to each entry of \(x.shape)")
  let input = x.detached.contiguous().cast(to: .float32)
  let addend = y.detached.contiguous()
  let sum = Tensor(uninitialized: x.shape)
  addToEachEntry(input, addend, into: sum)
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

/// x ⊙ λ: x [..., C] float32 by a learned factor λ [C] for each channel (Touvron et al., 2021).
package func layerScale(_ x: Tensor, _ scale: Parameter) -> Tensor {
  let columns = scale.count
  precondition(x.shape.last == columns, "\(scale.name) \(scale.shape) scales \(x.shape)")
  let input = x.detached.contiguous()
  let result = scaledColumns(input, scale)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x], [scale]) { [node = x.gradientNode] gradient in
    let upstream = gradient.contiguous()
    node?.accumulate(scaledColumns(upstream, scale))
    if scale.isTrainable { addProductColumnSums(of: input, upstream, to: scale.zeroedGradientBuffer()) }
  }
}

private func scaledColumns(_ x: Tensor, _ scale: Parameter) -> Tensor {
  let result = Tensor(uninitialized: x.shape)
  scaleColumns(x, by: scale.value, into: result)
  return result
}

extension Tensor {
  /// The same values as another type; itself where it already has it.
  package func cast(to dtype: DType) -> Tensor {
    guard dtype != self.dtype else { return self }
    let result = Tensor(uninitialized: shape, dtype: dtype)
    convert(contiguous(), into: result)
    guard let tape = Tape.of(self) else { return result }
    return tape.record(result, from: [self]) { [node = gradientNode] gradient in node?.accumulate(gradient) }
  }
}
