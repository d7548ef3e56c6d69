import VignetteFiles
package import VignetteTensors

/// CLIP's image encoder (Radford et al., 2021) as Hugging Face's `CLIPVisionModel` computes it: the output of the last
/// layer as it is, since the norm behind it is the pooled output's.
package struct CLIPVision: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let norm: LayerNorm
  private let layers: [VisionLayer]

  /// - Parameter patchSize: where `json` says nothing of it.
  init(_ weights: WeightScope, _ json: JSONField, patchSize: Int = 32) throws {
    let c = try ViTConfiguration(
      json,
      defaults: .init(
        hiddenAct: "quick_gelu", layerNormEps: 1e-5, patchSize: patchSize,
        attentionDropout: "attention_dropout"))
    configuration = c
    embeddings = VisionEmbeddings(contrastive: weights["embeddings"], c, hasClassToken: true)
    // The name is theirs.
    norm = LayerNorm(weights["pre_layrnorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(weights["encoder.layers.\($0)"], c.layerOptions, named: .contrastive)
    }
  }

  /// Earlier versions of Transformers put a model within the model.
  package static let renamings: [WeightScope.Renaming] = [
    ("embeddings.", "vision_model.embeddings."), ("pre_layrnorm.", "vision_model.pre_layrnorm."),
    ("encoder.layers.", "vision_model.encoder.layers."),
  ]

  /// What the pooled output needs, and indices that are computed here.
  package static let ignoredKeys = [
    "post_layernorm.weight", "post_layernorm.bias", "embeddings.position_ids",
  ]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { layers.contains(where: \.drawsInTraining) }

  package func layout(height: Int, width: Int) -> PatchLayout {
    embeddings.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = norm(
      try embeddings(pixelValues, interpolatePositions: interpolatePositions), output: .float32)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0]) } }
    return x
  }
}

extension VisionLayerNames {
  /// CLIP and SigLIP.
  static let contrastive = VisionLayerNames(
    attentionNorm: "layer_norm1", query: "self_attn.q_proj", key: "self_attn.k_proj",
    value: "self_attn.v_proj", attentionOutput: "self_attn.out_proj", feedForwardNorm: "layer_norm2",
    expand: "mlp.fc1", contract: "mlp.fc2")
}

extension VisionEmbeddings {
  /// The embeddings of CLIP, whose patches have no bias, and of SigLIP, which has no class token, by their names.
  init(contrastive weights: WeightScope, _ c: ViTConfiguration, hasClassToken: Bool) {
    let specialTokens =
      hasClassToken
      ? [weights.parameter("class_embedding", [c.hiddenSize], .normal(c.initializerRange))] : []
    self.init(
      configuration: c,
      patches: PatchEmbedding(
        weights["patch_embedding"], channels: c.numChannels, patchSize: c.patchSize, to: c.hiddenSize,
        bias: !hasClassToken, deviation: c.initializerRange),
      specialTokens: specialTokens,
      positions: LearnedPositions(
        parameter: weights.parameter(
          "position_embedding.weight", [specialTokens.count + c.grid.count, c.hiddenSize],
          .normal(c.initializerRange)),
        specialTokens: specialTokens.count, grid: c.grid))
  }
}
