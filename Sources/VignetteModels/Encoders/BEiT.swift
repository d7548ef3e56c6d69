import VignetteFiles
package import VignetteTensors

/// BEiT (Bao et al., 2021) as Hugging Face's `BeitModel` computes it, without the pooler.
///
/// Images of any size are taken: positions are interpolated wherever they don't fit.
package struct BEiT: VisionEncoder {
  let configuration: BEiTConfiguration
  private let embeddings: VisionEmbeddings
  private let sharedBias: BEiTPositionBias?
  private let layers: [BEiTLayer]
  /// Nil where patches are pooled: the pooler then has a norm of its own.
  private let norm: LayerNorm?

  init(_ weights: WeightScope, _ configuration: BEiTConfiguration) {
    self.configuration = configuration
    let c = configuration.vit
    embeddings = VisionEmbeddings(
      weights["embeddings"], c, specialTokens: ["cls_token"],
      hasPositions: configuration.useAbsolutePositionEmbeddings, .zeros)
    sharedBias =
      configuration.useSharedRelativePositionBias
      ? BEiTPositionBias(weights["encoder.relative_position_bias"], c) : nil
    layers = (0..<c.numHiddenLayers).map {
      BEiTLayer(weights["encoder.layer.\($0)"], configuration, index: $0)
    }
    norm =
      configuration.useMeanPooling
      ? nil : LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  package static var renamings: [WeightScope.Renaming] { ViT.renamings }

  /// The pooler, what models for classification and masked images add, and an index that is computed here.
  package static let ignoredKeys = [
    "pooler.layernorm.weight", "pooler.layernorm.bias", "mask_token", "classifier.weight", "classifier.bias",
    "relative_position_index",
  ]

  package var width: Int { configuration.vit.hiddenSize }
  package var channels: Int { configuration.vit.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.vit.imageSize }
  package var drawsInTraining: Bool { layers.contains(where: \.layer.drawsInTraining) }

  package func layout(height: Int, width: Int) -> PatchLayout {
    embeddings.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: true)
    let grid = embeddings.patches.grid(height: pixelValues.shape[2], width: pixelValues.shape[3])
    let context = BEiTContext(grid, sharedBias: sharedBias, on: Tape.of(x))
    for layer in layers {
      x = Tape.recomputed([x] + context.bias) { layer($0[0], context.with(bias: Array($0.dropFirst()))) }
    }
    return norm?(x) ?? x
  }
}

/// Hugging Face's `BeitConfig`.
struct BEiTConfiguration {
  /// The fields that BEiT shares with ViT.
  let vit: ViTConfiguration
  let useAbsolutePositionEmbeddings: Bool
  let useRelativePositionBias: Bool
  let useSharedRelativePositionBias: Bool
  let layerScaleInitValue: Double
  let dropPathRate: Float
  let useMeanPooling: Bool

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    vit = try ViTConfiguration(json)
    useAbsolutePositionEmbeddings = try json["use_absolute_position_embeddings"].value(default: false)
    useRelativePositionBias = try json["use_relative_position_bias"].value(default: false)
    useSharedRelativePositionBias = try json["use_shared_relative_position_bias"].value(default: false)
    layerScaleInitValue = try json["layer_scale_init_value"].value(default: 0.1)
    dropPathRate = try json["drop_path_rate"].probability(default: 0.1)
    useMeanPooling = try json["use_mean_pooling"].value(default: true)
  }

  /// The key has no bias, and the deeper a layer, the more images skip it in training.
  func layerOptions(index: Int) -> VisionLayerOptions {
    var options = vit.layerOptions
    options.queryBias = true
    options.keyBias = false
    options.valueBias = true
    options.layerScale = layerScaleInitValue > 0 ? layerScaleInitValue : nil
    options.attentionDropPath = dropPathRate * Float(index) / Float(max(1, vit.numHiddenLayers - 1))
    options.feedForwardDropPath = options.attentionDropPath
    return options
  }
}

/// What the layers share while images of one size are encoded.
private struct BEiTContext {
  let grid: Grid
  let relativePositions: RelativePositions
  /// The bias that all layers add, if there is one.
  private(set) var bias: [Tensor]

  init(_ grid: Grid, sharedBias: BEiTPositionBias?, on tape: Tape?) {
    self.grid = grid
    relativePositions = RelativePositions(grid, hasClassToken: true)
    bias = [sharedBias?(grid, relativePositions, on: tape)].compactMap(\.self)
  }

  func with(bias: [Tensor]) -> BEiTContext {
    var copy = self
    copy.bias = bias
    return copy
  }

  /// The bias that all layers add, and one layer's own.
  func bias(and own: BEiTPositionBias?, on tape: Tape?) -> Tensor? {
    let all = bias + [own?(grid, relativePositions, on: tape)].compactMap(\.self)
    return all.dropFirst().reduce(all.first) { sum, next in sum.map { $0 + next } }
  }
}

/// A learned number for each head and each way in which two patches lie to each other, and three for the
/// class token's.
private struct BEiTPositionBias {
  let table: Parameter
  let grid: Grid

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    grid = c.grid
    table = weights.parameter(
      "relative_position_bias_table",
      [RelativePositions.distances(in: grid).count + 3, c.numAttentionHeads], .zeros)
  }

  /// [1, H, T, T] for images of another size, too: distances are interpolated.
  ///
  /// Where rows and columns differ, Hugging Face reads the table as if they were exchanged before it
  /// interpolates. A model trained there has learned its numbers in that order, so it is kept.
  func callAsFunction(_ size: Grid, _ positions: RelativePositions, on tape: Tape?) -> Tensor {
    let distances = RelativePositions.distances(in: grid)
    let exchanged = Grid(rows: distances.columns, columns: distances.rows)
    let target = RelativePositions.distances(in: size)
    var rows = table.tensor(on: tape)
    if target != exchanged {
      let classToken = (0..<3).map { [(row: distances.count + $0, weight: Float(1))] }
      rows = mixRows(rows, Resampling.bilinear.cells(from: exchanged, to: target) + classToken)
    }
    return relativePositionBias(rows, index: positions.index, queries: positions.tokens)
  }
}

private struct BEiTLayer {
  let layer: VisionLayer
  let bias: BEiTPositionBias?

  init(_ weights: WeightScope, _ c: BEiTConfiguration, index: Int) {
    layer = VisionLayer(weights, c.layerOptions(index: index))
    bias =
      c.useRelativePositionBias
      ? BEiTPositionBias(weights["attention.attention.relative_position_bias"], c.vit) : nil
  }

  func callAsFunction(_ x: Tensor, _ context: BEiTContext) -> Tensor {
    layer(x, bias: context.bias(and: bias, on: Tape.of(x)))
  }
}
