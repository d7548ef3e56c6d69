import VignetteFiles
import VignetteTensors

/// BLIP's vision Transformer, Hugging Face's `BlipVisionModel`: a ViT with one projection to queries, keys and values.
struct BLIPVision: VisionEncoder {
  private let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    configuration = c
    embeddings = VisionEmbeddings(blip: weights["embeddings"], c)
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(blip: weights["encoder.layers.\($0)"], c.layerOptions)
    }
    norm = LayerNorm(weights["post_layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What BLIP's own code calls it, and the files that it wrote (LAVIS's `.pth`), whose text part has Hugging Face's names.
  static let originalNames: [WeightScope.Renaming] = [
    ("vision_model.embeddings.class_embedding", "visual_encoder.cls_token"),
    ("vision_model.embeddings.position_embedding", "visual_encoder.pos_embed"),
    ("vision_model.embeddings.patch_embedding", "visual_encoder.patch_embed.proj"),
    ("vision_model.encoder.layers.", "visual_encoder.blocks."),
    ("vision_model.post_layernorm", "visual_encoder.norm"), ("self_attn.projection", "attn.proj"),
    ("self_attn", "attn"), ("layer_norm", "norm"),
  ]

  var width: Int { configuration.hiddenSize }
  var channels: Int { configuration.numChannels }
  var imageSize: (height: Int, width: Int) { configuration.imageSize }
  var drawsInTraining: Bool { layers.contains(where: \.drawsInTraining) }

  func layout(height: Int, width: Int) -> PatchLayout { embeddings.layout(height: height, width: width) }

  func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: interpolatePositions)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0]) } }
    return norm(x)
  }
}

extension ViTConfiguration {
  /// Hugging Face's `BlipVisionConfig`.
  ///
  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(blip json: JSONField) throws {
    hiddenSize = try json["hidden_size"].size(default: 768)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(of: hiddenSize, default: 12)
    intermediateSize = try json["intermediate_size"].size(default: 3072)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = 0
    attentionProbsDropoutProb = try json["attention_dropout"].probability(default: 0)
    initializerRange = try json["initializer_range"].positive(default: 1e-10)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-5))
    let side = try json["image_size"].size(default: 384, upTo: 1 << 14)
    let patch = try json["patch_size"].size(default: 16, upTo: 1 << 14)
    guard patch <= side else {
      throw json["patch_size"].mismatch(expected: "a patch no larger than image_size, \(side)")
    }
    (imageSize, patchSize) = ((side, side), (patch, patch))
    numChannels = 3
    qkvBias = true
  }
}

extension VisionEmbeddings {
  fileprivate init(blip weights: WeightScope, _ c: ViTConfiguration) {
    self.init(
      configuration: c,
      patches: PatchEmbedding(
        weights["patch_embedding"], channels: c.numChannels, patchSize: c.patchSize, to: c.hiddenSize,
        deviation: c.initializerRange),
      specialTokens: [
        weights.parameter("class_embedding", [1, 1, c.hiddenSize], .normal(c.initializerRange))
      ],
      positions: LearnedPositions(
        weights, named: "position_embedding", specialTokens: 1, grid: c.grid, width: c.hiddenSize,
        .normal(c.initializerRange)))
  }
}

extension VisionLayer {
  fileprivate init(blip weights: WeightScope, _ options: VisionLayerOptions) {
    let width = options.width
    func linear(_ name: String, from input: Int, to output: Int) -> Linear {
      Linear(weights[name], from: input, to: output, deviation: options.deviation)
    }
    func norm(_ name: String) -> LayerNorm {
      LayerNorm(weights[name], width: width, epsilon: options.epsilon)
    }
    self.init(
      norm: norm("layer_norm1"),
      attention: SelfAttention(
        project: .fused(linear("self_attn.qkv", from: width, to: 3 * width), parts: 3),
        output: ResidualBranch(linear("self_attn.projection", from: width, to: width), dropout: 0),
        options: options.attention),
      feedForward: FeedForward(
        norm: norm("layer_norm2"),
        expand: linear("mlp.fc1", from: width, to: options.intermediateSize),
        contract: ResidualBranch(
          linear("mlp.fc2", from: options.intermediateSize, to: width), dropout: 0),
        activation: options.activation))
  }
}
