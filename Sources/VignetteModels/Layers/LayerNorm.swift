import VignetteTensors

/// Layer normalisation with a learned gain and shift over the last dimension.
struct LayerNorm {
  let weight: Parameter
  let bias: Parameter
  let epsilon: Float

  init(_ weights: WeightScope, width: Int, epsilon: Float) {
    weight = weights.parameter("weight", [width], .ones)
    bias = weights.parameter("bias", [width], .zeros)
    weight.decays = false
    bias.decays = false
    self.epsilon = epsilon
  }

  /// - Parameter output: the result's type; the compute type if nil.
  func callAsFunction(_ x: Tensor, output: DType? = nil) -> Tensor {
    layerNorm(x, weight, bias, epsilon: epsilon, output: output)
  }
}
