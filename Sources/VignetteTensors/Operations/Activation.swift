/// A function of one number that a network applies to every element.
package enum Activation: Sendable, CaseIterable {
  case identity
  /// x Φ(x), with the error function.
  case gelu
  /// The approximation of ``gelu`` by tanh that GPT-2 was trained with.
  case geluTanh
  case relu
  /// x σ(x), also called swish.
  case silu
  case tanh
  case sigmoid
  /// x σ(1.702 x), as CLIP uses it.
  case quickGELU
}

/// activation(x), element by element.
package func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  if activation == .identity { return x }
  let input = x.contiguous()
  let output = Tensor(uninitialized: x.shape, dtype: x.dtype)
  apply(activation, input, into: output)
  guard let tape = Tape.of(x) else { return output }
  return tape.record(output, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(activationGradient(activation, input: input, gradient: gradient))
  }
}

/// activation'(input) · gradient
func activationGradient(_ activation: Activation, input: Tensor, gradient: Tensor) -> Tensor {
  let upstream = gradient.cast(to: input.dtype).contiguous()
  let result = Tensor(uninitialized: input.shape, dtype: input.dtype)
  applyGradient(activation, input, upstream: upstream, into: result)
  return result
}
