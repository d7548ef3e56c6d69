import VignetteFiles
package import VignetteTensors

/// DINOv2 (Oquab et al., 2023) as Hugging Face's `Dinov2Model` computes it.
///
/// Images of any size are taken: positions are interpolated wherever they don't fit.
package struct DINOv2: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(json, defaults: .init(layerNormEps: 1e-6, patchSize: 14, mlpRatio: 4))
    guard try !json["use_swiglu_ffn"].value(default: false) else {
      throw json["use_swiglu_ffn"].mismatch(
        expected: "false: layers with SwiGLU, as the giant model's, are not supported")
    }
    var options = c.layerOptions
    options.layerScale = try json["layerscale_value"].positive(default: 1)
    options.attentionDropPath = try json["drop_path_rate"].probability(default: 0)
    options.feedForwardDropPath = options.attentionDropPath
    configuration = c
    embeddings = VisionEmbeddings(
      weights["embeddings"], c, specialTokens: ["cls_token"], .normal(c.initializerRange))
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(weights["encoder.layer.\($0)"], options, named: .dinov2)
    }
    norm = LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What stands for masked patches in pretraining.
  package static let ignoredKeys = ["embeddings.mask_token"]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: true)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0]) } }
    return norm(x)
  }
}

extension VisionLayerNames {
  fileprivate static let dinov2 = VisionLayerNames(
    attentionNorm: "norm1", attentionScale: "layer_scale1.lambda1", feedForwardNorm: "norm2",
    expand: "mlp.fc1", contract: "mlp.fc2", feedForwardScale: "layer_scale2.lambda1")
}
