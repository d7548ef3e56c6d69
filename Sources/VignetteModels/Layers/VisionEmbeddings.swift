package import VignetteTensors

/// Patches as tokens, special tokens before them, and learned positions.
struct VisionEmbeddings {
  let configuration: ViTConfiguration
  let patches: PatchEmbedding
  let specialTokens: [Parameter]
  let positions: LearnedPositions?
  /// Tokens that stand nowhere in the image, between special tokens and patches: [1, R, C].
  var registers: Parameter?

  /// [B, channels, height, width] → [B, special tokens + registers + patches, C]
  func callAsFunction(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    let size = (height: pixelValues.shape[2], width: pixelValues.shape[3])
    let grid = patches.grid(height: size.height, width: size.width)
    let fits = interpolatePositions ? grid.count > 0 : size == configuration.imageSize
    guard fits, pixelValues.shape[1] == configuration.numChannels else {
      throw ModelError.imageSize(
        of: pixelValues, expected: configuration.imageSize, configuration.numChannels)
    }
    let count = tokensBeforePatches + grid.count
    try MemoryCheck.passAttention(
      heads: configuration.numAttentionHeads, patches: count, of: size, lowering: ["size", "crop_size"],
      in: "preprocessor_config.json")
    try MemoryCheck.pass(
      [pixelValues.shape[0], count, configuration.intermediateSize],
      "one layer for \(pixelValues.shape[0]) images", lowering: ["batch_size"])
    let tokens = prepend(specialTokens, to: patches(pixelValues))
    let placed = positions.map { $0(tokens, grid: grid) } ?? tokens
    let all = registers.map { insert([$0], into: placed, at: specialTokens.count) } ?? placed
    return dropout(all, probability: configuration.hiddenDropoutProb)
  }

  /// Which patches the tokens of an image are.
  func layout(height: Int, width: Int) -> PatchLayout {
    PatchLayout(
      tokensBefore: tokensBeforePatches, patches.grid(height: height, width: width),
      cell: patches.patchSize)
  }

  private var tokensBeforePatches: Int {
    specialTokens.count + (registers?.count ?? 0) / configuration.hiddenSize
  }
}

extension MemoryCheck {
  /// Checks that there is memory for the scores of all patches of an image with each other.
  ///
  /// - Parameters:
  ///   - size: the image's, in pixels.
  ///   - settings: what makes the image smaller, by Hugging Face's names.
  ///   - file: where they stand, if they are no options.
  package static func passAttention(
    heads: Int, patches: Int, of size: (height: Int, width: Int), lowering settings: [String],
    in file: String? = nil
  ) throws(TensorMemoryError) {
    try pass(
      [heads, patches, patches],
      "the attention to each other of the \(patches) patches of an image of \(size.height) × \(size.width) pixels",
      lowering: settings, in: file)
  }
}

extension VisionEmbeddings {
  /// The embeddings of ViT and its kin, by their names.
  ///
  /// - Parameters:
  ///   - specialTokens: the names of what stands before the patches.
  ///   - resampling: how positions are brought to images of another size.
  ///   - initialization: what special tokens and positions begin with.
  init(
    _ weights: WeightScope, _ c: ViTConfiguration, specialTokens names: [String], hasPositions: Bool = true,
    registers: Parameter? = nil, resampling: Resampling = .bicubic, _ initialization: Initialization
  ) {
    self.init(
      configuration: c,
      patches: PatchEmbedding(
        weights["patch_embeddings.projection"], channels: c.numChannels, patchSize: c.patchSize,
        to: c.hiddenSize, deviation: c.initializerRange),
      specialTokens: names.map { weights.parameter($0, [1, 1, c.hiddenSize], initialization) },
      positions: hasPositions
        ? LearnedPositions(
          weights, specialTokens: names.count, grid: c.grid, width: c.hiddenSize, resampling: resampling,
          initialization) : nil,
      registers: registers)
  }
}

/// Patches as tokens: a convolution whose stride is its kernel.
struct PatchEmbedding {
  let projection: Linear
  let channels: Int
  let patchSize: (height: Int, width: Int)
  /// Whether pixels beyond the last whole patch are padded to one, rather than left out.
  let isPadded: Bool

  /// - Parameter weights: the scope of the convolution, [C, channels, height, width].
  init(
    _ weights: WeightScope, channels: Int, patchSize: (height: Int, width: Int), isPadded: Bool = false,
    to width: Int, bias: Bool = true, deviation: Double
  ) {
    projection = Linear(
      patches: weights, channels: channels, patch: patchSize, to: width, bias: bias, deviation: deviation)
    self.channels = channels
    self.patchSize = patchSize
    self.isPadded = isPadded
  }

  /// The patches of an image.
  func grid(height: Int, width: Int) -> Grid {
    isPadded
      ? Grid(
        rows: (height + patchSize.height - 1) / patchSize.height,
        columns: (width + patchSize.width - 1) / patchSize.width)
      : Grid(rows: height / patchSize.height, columns: width / patchSize.width)
  }

  /// [B, channels, height, width] → [B, patches, C] float32
  func callAsFunction(_ pixelValues: Tensor) -> Tensor {
    projection(
      patches(pixelValues, height: patchSize.height, width: patchSize.width, padded: isPadded),
      output: .float32)
  }
}

/// A learned vector for each special token and each patch of a grid, resampled for images of another size.
struct LearnedPositions {
  let parameter: Parameter
  let specialTokens: Int
  let grid: Grid
  var resampling = Resampling.bicubic

  /// x [B, special tokens + patches, C] with positions added, those of the patches for a grid of another size.
  func callAsFunction(_ x: Tensor, grid size: Grid) -> Tensor {
    guard size != grid else { return add(x, parameter) }
    let special = (0..<specialTokens).map { [(row: $0, weight: Float(1))] }
    let patches = resampling.cells(from: grid, to: size).map { cell in
      cell.map { (row: $0.row + specialTokens, weight: $0.weight) }
    }
    let rows = parameter.tensor(on: Tape.of(x)).reshaped(-1, x.shape[2])
    return add(x, toEachEntry: mixRows(rows, special + patches))
  }
}

extension LearnedPositions {
  /// - Parameters:
  ///   - weights: the scope in which they stand, [1, special tokens + patches, C].
  ///   - name: what they are called there.
  init(
    _ weights: WeightScope, named name: String = "position_embeddings", specialTokens: Int = 0, grid: Grid,
    width: Int, resampling: Resampling = .bicubic, _ initialization: Initialization
  ) {
    self.init(
      parameter: weights.parameter(
        name, [1, specialTokens + grid.count, width], initialization),
      specialTokens: specialTokens, grid: grid, resampling: resampling)
  }
}
