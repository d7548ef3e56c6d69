import VignetteTensors

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
    to width: Int, deviation: Double
  ) {
    projection = Linear(
      patches: weights, channels: channels, patch: patchSize, to: width, deviation: deviation)
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
