import VignetteFiles
package import VignetteTensors

/// The Vision Transformer (Dosovitskiy et al., 2020) as Hugging Face's `ViTModel` computes it, without the
/// pooler, which a caption doesn't need.
package struct ViT: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    self.init(
      weights, c, specialTokens: ["cls_token"], initialization: .normal(c.initializerRange))
  }

  /// A model of this shape with special tokens of its own.
  init(
    _ weights: WeightScope, _ c: ViTConfiguration, specialTokens: [String], initialization: Initialization
  ) {
    self.init(
      weights, c,
      VisionEmbeddings(weights["embeddings"], c, specialTokens: specialTokens, initialization))
  }

  /// A model of this shape with embeddings of its own.
  init(_ weights: WeightScope, _ c: ViTConfiguration, _ embeddings: VisionEmbeddings) {
    configuration = c
    self.embeddings = embeddings
    layers = (0..<c.numHiddenLayers).map { VisionLayer(weights["encoder.layer.\($0)"], c.layerOptions) }
    norm = LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What Transformers 5 calls the layers of ViT and its kin in memory, and in files that hold a `state_dict`.
  package static let renamings: [WeightScope.Renaming] = [
    ("encoder.layer.", "layers."), ("attention.attention.query", "attention.q_proj"),
    ("attention.attention.key", "attention.k_proj"), ("attention.attention.value", "attention.v_proj"),
    ("attention.attention.relative_position_bias", "relative_position_bias"),
    ("attention.output.dense", "attention.o_proj"), ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"), ("encoder.relative_position_bias", "shared_position_bias"),
  ]

  /// The pooler, and what models for classification and masked images add.
  package static let ignoredKeys = [
    "pooler.dense.weight", "pooler.dense.bias", "mask_token", "classifier.weight", "classifier.bias",
  ]

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

/// Hugging Face's `ViTConfig`, whose fields the configurations of its kin share, with defaults of their own.
struct ViTConfiguration {
  let hiddenSize: Int
  let numHiddenLayers: Int
  let numAttentionHeads: Int
  let intermediateSize: Int
  let hiddenAct: Activation
  let hiddenDropoutProb: Float
  let attentionProbsDropoutProb: Float
  let initializerRange: Double
  let layerNormEps: Float
  let imageSize: (height: Int, width: Int)
  let patchSize: (height: Int, width: Int)
  let numChannels: Int
  let qkvBias: Bool

  /// What the kin differ in, here as ViT, DeiT and BEiT have it.
  struct Defaults {
    var hiddenSize = 768
    var heads = 12
    var intermediateSize = 3072
    var hiddenAct = "gelu"
    var layerNormEps = 1e-12
    var patchSize = 16
    /// The field that gives the probability of dropping out attention.
    var attentionDropout = "attention_probs_dropout_prob"
    /// The feed-forward layer's width as a multiple of the hidden size, where `mlp_ratio` gives it.
    var mlpRatio: Int?
  }

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, defaults: Defaults = Defaults()) throws {
    hiddenSize = try json["hidden_size"].size(default: defaults.hiddenSize)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(
      of: hiddenSize, default: defaults.heads)
    if let mlpRatio = defaults.mlpRatio {
      intermediateSize = try hiddenSize * json["mlp_ratio"].size(default: mlpRatio, upTo: 1024)
    } else {
      intermediateSize = try json["intermediate_size"].size(default: defaults.intermediateSize)
    }
    hiddenAct = try json["hidden_act"].activation(default: defaults.hiddenAct)
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0)
    attentionProbsDropoutProb = try json[defaults.attentionDropout].probability(default: 0)
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: defaults.layerNormEps))
    imageSize = try json["image_size"].sizePair(default: 224)
    patchSize = try json["patch_size"].sizePair(default: defaults.patchSize)
    numChannels = try json["num_channels"].size(default: 3, upTo: 1024)
    qkvBias = try json["qkv_bias"].value(default: true)
    guard patchSize.height <= imageSize.height, patchSize.width <= imageSize.width else {
      throw json["patch_size"].mismatch(
        expected: "a patch no larger than image_size, \(imageSize.height) × \(imageSize.width)")
    }
  }

  var grid: Grid {
    Grid(rows: imageSize.height / patchSize.height, columns: imageSize.width / patchSize.width)
  }

  var layerOptions: VisionLayerOptions {
    VisionLayerOptions(
      width: hiddenSize, heads: numAttentionHeads, intermediateSize: intermediateSize, activation: hiddenAct,
      epsilon: layerNormEps, deviation: initializerRange, queryBias: qkvBias, keyBias: qkvBias,
      valueBias: qkvBias, dropout: hiddenDropoutProb, attentionDropout: attentionProbsDropoutProb)
  }
}

extension ViT {
  /// The data-efficient image Transformer (Touvron et al., 2020) as Hugging Face's `DeiTModel` computes it:
  /// a second special token, which learned from a teacher, follows the class token.
  init(distilled weights: WeightScope, _ configuration: ViTConfiguration) {
    self.init(
      weights, configuration, specialTokens: ["cls_token", "distillation_token"], initialization: .zeros)
  }
}
