import VignetteFiles
package import VignetteTensors

/// SigLIP's image encoder (Zhai et al., 2023) as Hugging Face's `SiglipVisionModel` computes it, without the head that
/// pools its output: no token stands before the patches.
package struct SigLIPVision: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(
      json,
      defaults: .init(
        hiddenAct: "gelu_pytorch_tanh", layerNormEps: 1e-6, attentionDropout: "attention_dropout"))
    configuration = c
    embeddings = VisionEmbeddings(contrastive: weights["embeddings"], c, hasClassToken: false)
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(weights["encoder.layers.\($0)"], c.layerOptions, named: .contrastive)
    }
    norm = LayerNorm(weights["post_layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// Earlier versions of Transformers put a model within the model.
  package static let renamings: [WeightScope.Renaming] = [
    ("embeddings.", "vision_model.embeddings."), ("post_layernorm.", "vision_model.post_layernorm."),
    ("encoder.layers.", "vision_model.encoder.layers."),
  ]

  /// The head, whose attention pools the output.
  package static let ignoredKeys =
    ["embeddings.position_ids", "head.probe", "head.attention.in_proj_weight", "head.attention.in_proj_bias"]
    + ["attention.out_proj", "layernorm", "mlp.fc1", "mlp.fc2"].flatMap {
      ["head.\($0).weight", "head.\($0).bias"]
    }

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { layers.contains(where: \.drawsInTraining) }

  package func layout(height: Int, width: Int) -> PatchLayout {
    embeddings.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: interpolatePositions)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0]) } }
    return norm(x)
  }
}
