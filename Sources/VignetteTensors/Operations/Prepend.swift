/// Puts learned tokens, each [.., C] with C elements, before the sequence x [B, T, C]: [B, n + T, C] float32.
public func prepend(_ tokens: [Parameter], to x: Tensor) -> Tensor {
  let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
  let total = tokens.count + length
  let result = Tensor(uninitialized: [batch, total, width])
  let input = x.detached.cast(to: .float32)
  for b in 0..<batch {
    for (i, token) in tokens.enumerated() {
      (result.float32 + (b * total + i) * width).update(from: token.value.float32, count: width)
    }
  }
  result.slice(tokens.count..<total, axis: 1).assign(input)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x], tokens) { [node = x.gradientNode] gradient in
    node?.accumulate(gradient.slice(tokens.count..<total, axis: 1).contiguous())
    for (i, token) in tokens.enumerated() where token.isTrainable {
      addColumnSums(
        of: gradient.slice(i..<i + 1, axis: 1).reshaped(to: [batch, width]), to: token.zeroedGradientBuffer())
    }
  }
}
