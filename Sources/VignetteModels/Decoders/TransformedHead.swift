import VignetteTensors

/// The head of BERT's masked language model: a dense layer, an activation and a layer norm before the words.
struct TransformedHead {
  let transform: Linear
  let activation: Activation
  let norm: LayerNorm
  /// [V, C]
  let weight: Parameter
  /// [V]
  let bias: Parameter

  /// Hidden states [..., C] → logits [..., V].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let transformed = norm(transform(x, activation: activation, output: .float32))
    return linear(transformed, weight, bias, output: .float32)
  }
}
