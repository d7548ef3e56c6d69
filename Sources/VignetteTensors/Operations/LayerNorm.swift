/// (x − mean) / √(variance + ε) · γ + β over the last dimension (Ba, Kiros and Hinton, 2016):
/// x [..., C] float32, γ and β [C].
///
/// - Parameter output: the result's type; that of γ's precision if nil.
package func layerNorm(
  _ x: Tensor, _ gamma: Parameter, _ beta: Parameter, epsilon: Float, output: DType? = nil
) -> Tensor {
  let input = x.detached.cast(to: .float32).contiguous()
  let columns = gamma.count
  precondition(x.shape.last == columns, "\(gamma.name) \(gamma.shape) normalises \(x.shape)")
  let rows = input.count / columns
  let result = Tensor(uninitialized: x.shape, dtype: output ?? gamma.precision.dtype)
  let tape = Tape.of(x)
  let statistics = tape.map { _ in Tensor(uninitialized: [rows, 2]) }
  normalizeRows(
    input, gamma: gamma.value, beta: beta.value, epsilon: epsilon, into: result, statistics: statistics)
  guard let tape, let statistics else { return result }
  return tape.record(result, from: [x], [gamma, beta]) { [node = x.gradientNode] gradient in
    layerNormGradient(to: node, input: input, gamma, beta, statistics, gradient.contiguous())
  }
}

private func layerNormGradient(
  to node: Node?, input: Tensor, _ gamma: Parameter, _ beta: Parameter, _ statistics: Tensor,
  _ gradient: Tensor
) {
  let parts = normalizeRowsGradient(
    input, gamma: gamma.value, statistics: statistics, upstream: gradient,
    to: node.map { $0.target(shape: input.shape) })
  for (parameter, part) in [(gamma, 0), (beta, 1)] where parameter.isTrainable {
    addColumnSums(
      of: parts.slice(part..<part + 1, axis: 1).reshaped(to: [-1, gamma.count]),
      to: parameter.zeroedGradientBuffer())
  }
}
