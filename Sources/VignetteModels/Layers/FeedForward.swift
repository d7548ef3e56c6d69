import VignetteTensors

/// The second half of a pre-norm layer: x + contract(activation(expand(norm(x)))).
struct FeedForward {
  let norm: LayerNorm
  let expand: Linear
  let contract: ResidualBranch
  let activation: Activation

  func callAsFunction(_ x: Tensor) -> Tensor {
    contract(expand(norm(x), activation: activation), adding: x)
  }
}

extension FeedForward {
  /// The second half of a layer of ViT and its kin, by their names.
  ///
  /// - Parameter weights: the scope of a layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, scale: Parameter? = nil) {
    self.init(
      norm: LayerNorm(weights["layernorm_after"], width: options.width, epsilon: options.epsilon),
      expand: Linear(
        weights["intermediate.dense"], from: options.width, to: options.intermediateSize,
        deviation: options.deviation),
      contract: options.branch(
        weights["output.dense"], from: options.intermediateSize, scale: scale,
        dropPath: options.feedForwardDropPath),
      activation: options.activation)
  }
}
