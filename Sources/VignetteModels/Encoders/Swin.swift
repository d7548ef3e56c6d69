import VignetteFiles
package import VignetteTensors

/// The Swin Transformer (Liu et al., 2021) as Hugging Face's `SwinModel` computes it: attention within windows
/// of a feature map, which shrinks from stage to stage. The last stage's map is the sequence that it gives.
///
/// Images of any size are taken whose maps are nowhere smaller than a window.
package struct Swin: VisionEncoder {
  let configuration: SwinConfiguration
  private let embeddings: SwinEmbeddings
  private let stages: [SwinStage]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ c: SwinConfiguration) {
    configuration = c
    embeddings = SwinEmbeddings(weights["embeddings"], c)
    stages = c.depths.indices.map { SwinStage(weights["encoder.layers.\($0)"], c, index: $0) }
    norm = LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What Transformers 5 calls the layers in memory, and in files that hold a `state_dict`.
  package static let renamings: [WeightScope.Renaming] = [
    ("attention.self.query", "attention.q_proj"), ("attention.self.key", "attention.k_proj"),
    ("attention.self.value", "attention.v_proj"),
    (
      "attention.self.relative_position_bias_table",
      "attention.relative_position_bias.relative_position_bias_table"
    ),
    ("attention.output.dense", "attention.o_proj"), ("intermediate.dense", "mlp.fc1"),
    ("output.dense", "mlp.fc2"),
  ]

  /// What models for classification and masked images add, and an index that is computed here.
  package static let ignoredKeys = [
    "mask_token", "classifier.weight", "classifier.bias", "relative_position_index",
  ]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { configuration.deepestLayerOptions.drawsInTraining }

  package func layout(height: Int, width: Int) -> PatchLayout {
    configuration.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    let grid = configuration.grid(height: pixelValues.shape[2], width: pixelValues.shape[3])
    guard configuration.windowsFit(grid) else {
      throw ModelError.imageSize(
        of: pixelValues, expected: imageSize, channels,
        advice: "choose larger images: window_size \(configuration.windowSize) is larger than a feature map"
      )
    }
    let grids = configuration.grids(from: grid)
    let size = (height: pixelValues.shape[2], width: pixelValues.shape[3])
    for (stage, grid) in zip(stages, grids) { try stage.requireMemory(grid, image: size) }
    var x = try embeddings(pixelValues, grid, interpolatePositions: interpolatePositions)
    for (stage, grid) in zip(stages, grids) { x = stage(x, grid) }
    return norm(x)
  }
}

/// Hugging Face's `SwinConfig`.
struct SwinConfiguration {
  let imageSize: (height: Int, width: Int)
  let patchSize: (height: Int, width: Int)
  let numChannels: Int
  let embedDim: Int
  let depths: [Int]
  let numHeads: [Int]
  let windowSize: Int
  let mlpRatio: Double
  let qkvBias: Bool
  let hiddenDropoutProb: Float
  let attentionProbsDropoutProb: Float
  let dropPathRate: Float
  let hiddenAct: Activation
  let useAbsoluteEmbeddings: Bool
  let initializerRange: Double
  let layerNormEps: Float

  /// - Parameter needsWholeWindows: whether every feature map must hold a window.
  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, needsWholeWindows: Bool = true) throws {
    imageSize = try json["image_size"].sizePair(default: 224)
    patchSize = try json["patch_size"].sizePair(default: 4)
    numChannels = try json["num_channels"].size(default: 3, upTo: 1024)
    embedDim = try json["embed_dim"].size(default: 96, upTo: 1 << 16)
    depths = try json["depths"].sizes(default: [2, 2, 6, 2], upTo: 1024)
    numHeads = try json["num_heads"].sizes(default: [3, 6, 12, 24])
    windowSize = try json["window_size"].size(default: 7, upTo: 1 << 14)
    mlpRatio = try json["mlp_ratio"].positive(default: 4)
    qkvBias = try json["qkv_bias"].value(default: true)
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0)
    dropPathRate = try json["drop_path_rate"].probability(default: 0.1)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    useAbsoluteEmbeddings = try json["use_absolute_embeddings"].value(default: false)
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-5))
    try validate(json)
    if needsWholeWindows { try validateWindows(json) }
  }

  private func validate(_ json: JSONField) throws {
    guard (1...8).contains(depths.count) else { throw json["depths"].mismatch(expected: "1 to 8 stages") }
    guard numHeads.count == depths.count else {
      throw json["num_heads"].mismatch(expected: "a number for each of the \(depths.count) stages in depths")
    }
    for (stage, heads) in numHeads.enumerated() where width(stage) % heads != 0 {
      throw json["num_heads"].mismatch(
        expected: "divisors of the stages' widths; \(heads) does not divide \(width(stage))")
    }
    guard (1...Double(1 << 24)).contains(mlpRatio * Double(hiddenSize)), mlpRatio * Double(embedDim) >= 1
    else {
      throw json["mlp_ratio"].mismatch(
        expected: "a ratio that gives feed-forward layers 1 to \(1 << 24) units")
    }
  }

  private func validateWindows(_ json: JSONField) throws {
    guard windowsFit(grid(height: imageSize.height, width: imageSize.width)) else {
      throw json["window_size"].mismatch(
        expected: "a window no larger than any stage's feature map, which for image_size "
          + "\(imageSize.height) × \(imageSize.width) is \(smallestSide) patches at its smallest")
    }
  }

  /// The width of a stage.
  func width(_ stage: Int) -> Int { embedDim << stage }

  var hiddenSize: Int { width(depths.count - 1) }

  /// The patches of an image, padded to whole ones.
  func grid(height: Int, width: Int) -> Grid {
    Grid(
      rows: (height + patchSize.height - 1) / patchSize.height,
      columns: (width + patchSize.width - 1) / patchSize.width)
  }

  /// The feature map of each stage.
  func grids(from first: Grid) -> [Grid] {
    depths.indices.dropFirst().reduce(into: [first]) { grids, stage in grids.append(grids[stage - 1].halved) }
  }

  /// The last stage's feature map.
  func layout(height: Int, width: Int) -> PatchLayout {
    let merged = depths.count - 1
    return PatchLayout(
      tokensBefore: 0, (0..<merged).reduce(grid(height: height, width: width)) { map, _ in map.halved },
      cell: (patchSize.height << merged, patchSize.width << merged))
  }

  func windowsFit(_ first: Grid) -> Bool {
    grids(from: first).allSatisfy { min($0.rows, $0.columns) >= windowSize }
  }

  private var smallestSide: Int {
    grids(from: grid(height: imageSize.height, width: imageSize.width))
      .map { min($0.rows, $0.columns) }.min() ?? 0
  }

  /// What the layers of a stage are like.
  ///
  /// - Parameter layer: the layer's number among those of all stages: the deeper, the more images skip its
  ///   attention in training.
  func layerOptions(stage: Int, layer: Int) -> VisionLayerOptions {
    let width = width(stage)
    return VisionLayerOptions(
      width: width, heads: numHeads[stage], intermediateSize: Int(mlpRatio * Double(width)),
      activation: hiddenAct, epsilon: layerNormEps, deviation: initializerRange, queryBias: qkvBias,
      keyBias: qkvBias, valueBias: qkvBias, dropout: hiddenDropoutProb,
      attentionDropout: attentionProbsDropoutProb,
      attentionDropPath: dropPathRate * Float(layer) / Float(max(1, depths.reduce(0, +) - 1)))
  }

  /// What the last layer is like, of which training leaves out the most.
  var deepestLayerOptions: VisionLayerOptions {
    layerOptions(stage: depths.count - 1, layer: depths.reduce(0, +) - 1)
  }

  /// ε of the norms outside layers, which the configuration doesn't change.
  static let outerNormEpsilon: Float = 1e-5
}

/// Patches as tokens, normalised, with learned positions if there are any.
struct SwinEmbeddings {
  let configuration: SwinConfiguration
  let patches: PatchEmbedding
  let norm: LayerNorm
  let positions: LearnedPositions?

  init(_ weights: WeightScope, _ c: SwinConfiguration) {
    configuration = c
    patches = PatchEmbedding(
      weights["patch_embeddings.projection"], channels: c.numChannels, patchSize: c.patchSize, isPadded: true,
      to: c.embedDim, deviation: c.initializerRange)
    norm = LayerNorm(weights["norm"], width: c.embedDim, epsilon: SwinConfiguration.outerNormEpsilon)
    // Positions are for whole patches only, as Hugging Face counts them.
    let grid = Grid(
      rows: c.imageSize.height / c.patchSize.height, columns: c.imageSize.width / c.patchSize.width)
    positions =
      c.useAbsoluteEmbeddings ? LearnedPositions(weights, grid: grid, width: c.embedDim, .zeros) : nil
  }

  /// [B, channels, height, width] → [B, patches, C]
  func callAsFunction(_ pixelValues: Tensor, _ grid: Grid, interpolatePositions: Bool) throws -> Tensor {
    let c = configuration
    let fits = positions.map { interpolatePositions || $0.grid == grid } ?? true
    guard fits, pixelValues.shape[1] == c.numChannels else {
      throw ModelError.imageSize(of: pixelValues, expected: c.imageSize, c.numChannels)
    }
    // The MLP's four widths, before patches are merged.
    try MemoryCheck.pass(
      [pixelValues.shape[0], grid.count, 4 * c.embedDim], "one layer for \(pixelValues.shape[0]) images",
      lowering: ["batch_size"])
    let tokens = norm(patches(pixelValues), output: .float32)
    return dropout(positions.map { $0(tokens, grid: grid) } ?? tokens, probability: c.hiddenDropoutProb)
  }
}

extension VisionLayerNames {
  fileprivate static let swin = VisionLayerNames(
    query: "attention.self.query", key: "attention.self.key", value: "attention.self.value")
}

/// Attention within windows, with a learned bias for each way in which two of a window's patches lie.
private struct SwinAttention {
  let attention: SelfAttention
  let biasTable: Parameter

  init(_ weights: WeightScope, _ options: VisionLayerOptions, window: Int) {
    attention = SelfAttention(weights, options, named: .swin)
    let distances = RelativePositions.distances(in: Grid(rows: window, columns: window))
    biasTable = weights.parameter(
      "attention.self.relative_position_bias_table", [distances.count, options.heads], .zeros)
  }

  /// The output's projection works on each token alone, so windows are undone before it.
  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ windows: SwinWindows) -> Tensor {
    let bias = relativePositionBias(
      biasTable.tensor(on: Tape.of(x)), index: windows.relativePositions.index,
      queries: windows.relativePositions.tokens, mask: windows.mask)
    return attention.output(windows.join(attention.mix(windows.cut(x), bias: bias)), adding: residual)
  }
}

/// A pre-norm layer.
private struct SwinLayer {
  let norm: LayerNorm
  let attention: SwinAttention
  let feedForward: FeedForward

  init(_ weights: WeightScope, _ options: VisionLayerOptions, window: Int) {
    norm = LayerNorm(weights["layernorm_before"], width: options.width, epsilon: options.epsilon)
    attention = SwinAttention(weights, options, window: window)
    feedForward = FeedForward(weights, options, named: .swin)
  }

  func callAsFunction(_ x: Tensor, _ windows: SwinWindows) -> Tensor {
    feedForward(attention(norm(x), adding: x, windows))
  }
}

/// Four adjacent patches made one of twice the width.
private struct SwinMerging {
  let norm: LayerNorm
  let reduction: Linear

  init(_ weights: WeightScope, width: Int, deviation: Double) {
    norm = LayerNorm(weights["norm"], width: 4 * width, epsilon: SwinConfiguration.outerNormEpsilon)
    reduction = Linear(
      weights["reduction"], from: 4 * width, to: 2 * width, bias: false, deviation: deviation)
  }

  /// [B, patches, C] → [B, half as many rows and columns, 2C]
  func callAsFunction(_ x: Tensor, _ grid: Grid) -> Tensor {
    let merged = gatherTokens(x, .merging(grid))
    return reduction(
      norm(merged.reshaped(x.shape[0], grid.halved.count, 4 * x.shape[2])), output: .float32)
  }
}

/// Layers on one feature map, every second with shifted windows, and the step to the next map.
private struct SwinStage {
  let layers: [SwinLayer]
  let merging: SwinMerging?
  let windowSize: Int
  let heads: Int

  init(_ weights: WeightScope, _ c: SwinConfiguration, index: Int) {
    let before = c.depths[..<index].reduce(0, +)
    layers = (0..<c.depths[index]).map {
      SwinLayer(
        weights["blocks.\($0)"], c.layerOptions(stage: index, layer: before + $0), window: c.windowSize)
    }
    merging =
      index + 1 < c.depths.count
      ? SwinMerging(weights["downsample"], width: c.width(index), deviation: c.initializerRange) : nil
    windowSize = c.windowSize
    heads = c.numHeads[index]
  }

  /// A map of one window or less across doesn't move.
  private func shift(_ grid: Grid) -> Int {
    min(grid.rows, grid.columns) <= windowSize ? 0 : windowSize / 2
  }

  func requireMemory(_ grid: Grid, image: (height: Int, width: Int)) throws(TensorMemoryError) {
    try SwinWindows.requireMemory(
      grid, size: windowSize, shift: shift(grid), layers: layers.count, heads: heads, image: image)
  }

  func callAsFunction(_ x: Tensor, _ grid: Grid) -> Tensor {
    let windows = SwinWindows.alternating(
      grid, size: windowSize, shift: shift(grid), layers: layers.count)
    var x = x
    for (i, layer) in layers.enumerated() {
      x = Tape.recomputed([x]) { layer($0[0], windows[i % windows.count]) }
    }
    return merging.map { $0(x, grid) } ?? x
  }
}
