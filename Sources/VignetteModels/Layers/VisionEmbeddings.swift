import VignetteTensors

/// Patches as tokens, special tokens before them, and learned positions.
struct VisionEmbeddings {
  let configuration: ViTConfiguration
  let patches: PatchEmbedding
  let specialTokens: [Parameter]
  let positions: LearnedPositions?

  /// - Parameters:
  ///   - specialTokens: the names of what stands before the patches.
  ///   - initialization: what special tokens and positions begin with.
  init(
    _ weights: WeightScope, _ c: ViTConfiguration, specialTokens names: [String], hasPositions: Bool = true,
    _ initialization: Initialization
  ) {
    configuration = c
    patches = PatchEmbedding(
      weights["patch_embeddings.projection"], channels: c.numChannels, patchSize: c.patchSize,
      to: c.hiddenSize, deviation: c.initializerRange)
    specialTokens = names.map { weights.parameter($0, [1, 1, c.hiddenSize], initialization) }
    positions =
      hasPositions
      ? LearnedPositions(
        weights, specialTokens: names.count, grid: c.grid, width: c.hiddenSize, initialization) : nil
  }

  /// [B, channels, height, width] → [B, special tokens + patches, C]
  func callAsFunction(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    let size = (height: pixelValues.shape[2], width: pixelValues.shape[3])
    let grid = patches.grid(height: size.height, width: size.width)
    let fits = interpolatePositions ? grid.count > 0 : size == configuration.imageSize
    guard fits, pixelValues.shape[1] == configuration.numChannels else {
      throw ImageSizeError(pixelValues, expected: configuration.imageSize, configuration.numChannels)
    }
    let count = specialTokens.count + grid.count
    try MemoryCheck.pass(
      [configuration.numAttentionHeads, count, count],
      "the attention to each other of the \(count) patches of an image of \(size.height) × \(size.width) pixels",
      lowering: ["size", "crop_size"], in: "preprocessor_config.json")
    try MemoryCheck.pass(
      [pixelValues.shape[0], count, configuration.intermediateSize],
      "one layer for \(pixelValues.shape[0]) images", lowering: ["batch_size"])
    let tokens = prepend(specialTokens, to: patches(pixelValues))
    return dropout(
      positions.map { $0(tokens, grid: grid) } ?? tokens, probability: configuration.hiddenDropoutProb)
  }
}
