import CVignetteImages

/// The weights that carry one side of an image to another length, in fixed point: which input positions each
/// output position draws on, and how much. Pillow's, to the bit.
struct ResamplingWeights {
  /// The output positions these are for.
  let outputs: Range<Int>
  /// The input positions of each output position.
  private(set) var windows: [cimaging_window]
  /// `stride` weights for each output position, zero past its window.
  private(set) var weights: [Int32]
  private(set) var stride: Int

  /// The most weights kept at a time; an image of extreme shape needs many more than it has pixels.
  private static let batchSize = 1 << 22

  /// Calls `body` with the weights of all output positions, in as few batches as memory allows.
  ///
  /// - Precondition: `inputLength` and `outputLength` are positive, `resampling` isn't nearest.
  static func forEachBatch(
    inputLength: Int, outputLength: Int, resampling: Resampling, _ body: (ResamplingWeights) -> Void
  ) {
    guard let filterSupport = resampling.support else { preconditionFailure("nearest has no weights") }
    let scale = Double(inputLength) / Double(outputLength)
    // Shrinking widens the filter so that every input pixel counts.
    let support = filterSupport * max(scale, 1)
    let stride = Int(support.rounded(.up)) * 2 + 1
    let batch = max(1, batchSize / stride)
    for start in Swift.stride(from: 0, to: outputLength, by: batch) {
      body(
        ResamplingWeights(
          start..<min(start + batch, outputLength), inputLength: inputLength, scale: scale,
          support: support, stride: stride, resampling: resampling))
    }
  }

  private init(
    _ outputs: Range<Int>, inputLength: Int, scale: Double, support: Double, stride: Int,
    resampling: Resampling
  ) {
    self.outputs = outputs
    self.stride = stride
    let inverseScale = 1 / max(scale, 1)
    windows = []
    windows.reserveCapacity(outputs.count)
    weights = [Int32](repeating: 0, count: outputs.count * stride)
    var row = [Double](repeating: 0, count: stride)

    for output in outputs {
      let centre = (Double(output) + 0.5) * scale
      let first = max(0, Int(centre - support + 0.5))
      let count = min(inputLength, Int(centre + support + 0.5)) - first
      var sum = 0.0
      for i in 0..<count {
        row[i] = resampling.weight(at: (Double(i + first) - centre + 0.5) * inverseScale)
        sum += row[i]
      }
      for i in 0..<count {
        let weight = sum != 0 ? row[i] / sum : row[i]
        weights[(output - outputs.lowerBound) * stride + i] = Self.fixedPoint(weight)
      }
      windows.append(cimaging_window(first: Int32(first), count: Int32(count)))
    }
  }

  private static func fixedPoint(_ weight: Double) -> Int32 {
    let scaled = weight * Double(1 << CIMAGING_WEIGHT_BITS)
    return Int32(weight < 0 ? scaled - 0.5 : scaled + 0.5)
  }

  /// The same with every weight once for each channel, and the stride rounded up to whole runs of lanes.
  var spreadOverChannels: ResamplingWeights {
    var spread = self
    let lanes = Int(CIMAGING_WIDE_LANES)
    spread.stride = (3 * stride + lanes - 1) / lanes * lanes
    spread.weights = [Int32](repeating: 0, count: windows.count * spread.stride)
    for output in windows.indices {
      for i in 0..<3 * stride {
        spread.weights[output * spread.stride + i] = weights[output * stride + i / 3]
      }
    }
    return spread
  }
}
