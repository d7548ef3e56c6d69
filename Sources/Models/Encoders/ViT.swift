import Checkpoints
import Tensors

/// The Vision Transformer (Dosovitskiy et al., 2020) as Hugging Face's `ViTModel` computes it, without the
/// pooler, which a caption doesn't need.
struct ViT: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: ViTEmbeddings
  private let layers: [ViTLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ configuration: ViTConfiguration) {
    self.configuration = configuration
    embeddings = ViTEmbeddings(weights["embeddings"], configuration)
    layers = (0..<configuration.numHiddenLayers).map {
      ViTLayer(weights["encoder.layer.\($0)"], configuration)
    }
    norm = LayerNorm(
      weights["layernorm"], width: configuration.hiddenSize, epsilon: configuration.layerNormEps)
  }

  /// The pooler, and what models for classification and masked images add.
  static let ignoredKeys = ["pooler.dense.weight", "pooler.dense.bias", "mask_token"]

  var width: Int { configuration.hiddenSize }
  var channels: Int { configuration.numChannels }
  var imageSize: (height: Int, width: Int) { configuration.imageSize }

  func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: interpolatePositions)
    for layer in layers { x = layer(x) }
    return norm(x)
  }
}

/// Hugging Face's `ViTConfig`.
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

  /// - Throws: `JSONFieldError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    hiddenSize = try json["hidden_size"].size(default: 768)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(of: hiddenSize, default: 12)
    intermediateSize = try json["intermediate_size"].size(default: 3072)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0)
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-12))
    imageSize = try json["image_size"].sizePair(default: 224)
    patchSize = try json["patch_size"].sizePair(default: 16)
    numChannels = try json["num_channels"].size(default: 3, upTo: 1024)
    qkvBias = try json["qkv_bias"].value(default: true)
    guard patchSize.height <= imageSize.height, patchSize.width <= imageSize.width else {
      throw json["patch_size"].mismatch(
        expected: "a patch no larger than image_size, \(imageSize.height) × \(imageSize.width)")
    }
  }

  /// The grid of patches.
  var grid: (rows: Int, columns: Int) {
    (imageSize.height / patchSize.height, imageSize.width / patchSize.width)
  }
}

/// Patches as tokens, a class token before them, and learned positions.
private struct ViTEmbeddings {
  let configuration: ViTConfiguration
  let classToken: Parameter
  let positions: Parameter
  let projection: Linear

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    configuration = c
    classToken = weights.parameter("cls_token", [1, 1, c.hiddenSize], .truncatedNormal(c.initializerRange))
    positions = weights.parameter(
      "position_embeddings", [1, c.grid.rows * c.grid.columns + 1, c.hiddenSize],
      .truncatedNormal(c.initializerRange))
    projection = Linear(
      patches: weights["patch_embeddings.projection"], channels: c.numChannels, patch: c.patchSize,
      to: c.hiddenSize,
      deviation: c.initializerRange)
  }

  /// [B, channels, height, width] → [B, 1 + patches, C]
  func callAsFunction(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    let c = configuration
    let size = (height: pixelValues.shape[2], width: pixelValues.shape[3])
    let fits =
      interpolatePositions
      ? size.height >= c.patchSize.height && size.width >= c.patchSize.width : size == c.imageSize
    guard pixelValues.shape[1] == c.numChannels, fits else {
      throw PictureSizeError(
        found: Array(pixelValues.shape.dropFirst()),
        expected: [c.numChannels, c.imageSize.height, c.imageSize.width])
    }
    let tokens = projection(patches(pixelValues, height: c.patchSize.height, width: c.patchSize.width))
    let sequence = add(prepend([classToken], to: tokens), size == c.imageSize ? positions : resampled(size))
    return dropout(sequence, probability: c.hiddenDropoutProb)
  }

  private func resampled(_ size: (height: Int, width: Int)) -> Parameter {
    let c = configuration
    let values = positions.value.floats
    let grid = interpolatePositions(
      Array(values[c.hiddenSize...]), from: c.grid,
      to: (size.height / c.patchSize.height, size.width / c.patchSize.width), width: c.hiddenSize)
    let all = Array(values[..<c.hiddenSize]) + grid
    return Parameter(
      name: positions.name, value: Tensor(all, shape: [1, all.count / c.hiddenSize, c.hiddenSize]))
  }
}

private struct ViTAttention {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let options: AttentionOptions
  let dropout: Float

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    func linear(_ name: String, bias: Bool) -> Linear {
      Linear(weights[name], from: c.hiddenSize, to: c.hiddenSize, bias: bias, deviation: c.initializerRange)
    }
    query = linear("attention.query", bias: c.qkvBias)
    key = linear("attention.key", bias: c.qkvBias)
    value = linear("attention.value", bias: c.qkvBias)
    output = linear("output.dense", bias: true)
    let headSize = c.hiddenSize / c.numAttentionHeads
    options = AttentionOptions(
      heads: c.numAttentionHeads, scale: 1 / Float(headSize).squareRoot(),
      dropout: c.attentionProbsDropoutProb)
    dropout = c.hiddenDropoutProb
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    output(attention(query(x), key(x), value(x), options), adding: residual, dropout: dropout)
  }
}

/// A pre-norm Transformer layer.
private struct ViTLayer {
  let attention: ViTAttention
  let normBefore: LayerNorm
  let normAfter: LayerNorm
  let intermediate: Linear
  let output: Linear
  let configuration: ViTConfiguration

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    attention = ViTAttention(weights["attention"], c)
    normBefore = LayerNorm(weights["layernorm_before"], width: c.hiddenSize, epsilon: c.layerNormEps)
    normAfter = LayerNorm(weights["layernorm_after"], width: c.hiddenSize, epsilon: c.layerNormEps)
    intermediate = Linear(
      weights["intermediate.dense"], from: c.hiddenSize, to: c.intermediateSize, deviation: c.initializerRange
    )
    output = Linear(
      weights["output.dense"], from: c.intermediateSize, to: c.hiddenSize, deviation: c.initializerRange)
    configuration = c
  }

  func callAsFunction(_ x: Tensor) -> Tensor {
    let x = attention(normBefore(x), adding: x)
    let hidden = intermediate(normAfter(x), activation: configuration.hiddenAct)
    return output(hidden, adding: x, dropout: configuration.hiddenDropoutProb)
  }
}
