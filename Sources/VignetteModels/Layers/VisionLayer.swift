import VignetteTensors

/// A pre-norm Transformer layer over all tokens of an image.
struct VisionLayer {
  let norm: LayerNorm
  let attention: SelfAttention
  let feedForward: FeedForward

  /// [B, T, C] → [B, T, C]
  ///
  /// - Parameter bias: added to the attention's scores, [1, H, T, T].
  func callAsFunction(_ x: Tensor, bias: Tensor? = nil) -> Tensor {
    feedForward(attention.output(attention.mix(norm(x), bias: bias), adding: x))
  }
}

extension VisionLayer {
  /// A layer of ViT, DeiT or BEiT, by their names.
  init(_ weights: WeightScope, _ options: VisionLayerOptions) {
    func scale(_ name: String) -> Parameter? {
      options.layerScale.map { weights.parameter(name, [options.width], .constant($0)) }
    }
    self.init(
      norm: LayerNorm(weights["layernorm_before"], width: options.width, epsilon: options.epsilon),
      attention: SelfAttention(
        weights, projections: "attention.attention", options, scale: scale("lambda_1")),
      feedForward: FeedForward(weights, options, scale: scale("lambda_2")))
  }
}
