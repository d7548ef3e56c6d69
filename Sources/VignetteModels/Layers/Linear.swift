import VignetteTensors

/// y = x Wᵀ + b, stored as PyTorch's `nn.Linear` ([out, in]) or GPT-2's `Conv1D` ([in, out]).
struct Linear {
  let weight: Parameter
  let bias: Parameter?
  let layout: WeightLayout

  init(
    _ weights: WeightScope, from input: Int, to output: Int, bias: Bool = true,
    layout: WeightLayout = .outputByInput, deviation: Double
  ) {
    let shape = layout == .outputByInput ? [output, input] : [input, output]
    weight = weights.parameter("weight", shape, .normal(deviation))
    self.bias = bias ? weights.parameter("bias", [output], .zeros) : nil
    self.layout = layout
  }

  /// - Parameter output: the result's type; the compute type if nil.
  func callAsFunction(_ x: Tensor, activation: Activation = .identity, output: DType? = nil) -> Tensor {
    linear(x, weight, bias, layout: layout, activation: activation, output: output)
  }

  /// residual + dropout(x Wᵀ + b), in one product where nothing is dropped.
  func callAsFunction(_ x: Tensor, adding residual: Tensor, dropout probability: Float) -> Tensor {
    guard probability > 0, Tape.isDroppingOut(x, residual) else {
      return linear(x, weight, bias, layout: layout, adding: residual)
    }
    return residual + dropout(self(x, output: residual.dtype), probability: probability)
  }
}

extension Linear {
  /// The convolution that embeds patches, [out, channels, height, width], whose stride is its kernel.
  init(
    patches weights: WeightScope, channels: Int, patch: (height: Int, width: Int), to output: Int,
    bias: Bool = true, deviation: Double
  ) {
    weight = weights.parameter(
      "weight", [output, channels, patch.height, patch.width], .normal(deviation))
    self.bias = bias ? weights.parameter("bias", [output], .zeros) : nil
    layout = .outputByInput
  }
}

/// Linear layers of one input, such as queries, keys and values.
enum Projections {
  /// One matrix whose output is cut into so many equal parts.
  case fused(Linear, parts: Int)
  case separate([Linear])

  /// [..., I] → the parts, each [..., C].
  func callAsFunction(_ x: Tensor) -> [Tensor] {
    switch self {
    case .fused(let linear, let parts): return linear(x).split(parts)
    case .separate(let linears):
      // Cast once, not once for each.
      let input = linears.first.map { x.cast(to: $0.weight.precision.dtype) } ?? x
      return linears.map { $0(input) }
    }
  }
}
