import CVignetteImages
import Foundation
import VignetteFiles

/// How a resized image's pixels are computed from the original's; the raw values are Pillow's numbers, which
/// `preprocessor_config.json` uses.
public enum Resampling: Int, Sendable, CaseIterable {
  case nearest = 0
  case lanczos = 1
  case bilinear = 2
  case bicubic = 3
  case box = 4
  case hamming = 5

  /// How far the filter reaches from its centre, in pixels of the larger scale; nil for nearest, which is no filter.
  var support: Double? {
    switch self {
    case .nearest: nil
    case .box: 0.5
    case .bilinear, .hamming: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// The filter's weight at a distance from its centre.
  func weight(at x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .nearest: return 0
    case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: return distance < 1 ? 1 - distance : 0
    case .hamming:
      // The window's constants are single-precision in Pillow.
      guard distance != 0 else { return 1 }
      guard distance < 1 else { return 0 }
      let angle = distance * .pi
      return sin(angle) / angle * (Double(0.54 as Float) + Double(0.46 as Float) * cos(angle))
    case .bicubic:
      let a = -0.5
      if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
      if distance < 2 { return (((distance - 5) * distance + 8) * distance - 4) * a }
      return 0
    case .lanczos: return -3 <= x && x < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
    }
  }

  private static func sinc(_ x: Double) -> Double {
    guard x != 0 else { return 1 }
    let angle = x * .pi
    return sin(angle) / angle
  }
}

extension RGBImage {
  /// The image at another size, byte for byte what Pillow's `Image.resize` gives.
  ///
  /// Each side is resampled by itself and rounded to bytes in between; shrinking averages over all the pixels that
  /// fall together.
  ///
  /// - Precondition: Both sizes are positive, the old and the new.
  /// - Throws: ``ImageError`` where there isn't enough memory.
  public func resized(width newWidth: Int, height newHeight: Int, resampling: Resampling) throws -> RGBImage {
    precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "sizes must be positive")
    if newWidth == width && newHeight == height { return self }
    if resampling == .nearest { return try nearest(width: newWidth, height: newHeight) }
    // The order matters to the last bit. Pillow 13 begins with the columns where that drops more than twice as much.
    let columnsFirst = newHeight < height && height - newHeight > 2 * (width - newWidth)
    if columnsFirst {
      return try resampledColumns(height: newHeight, resampling).resampledRows(width: newWidth, resampling)
    }
    return try resampledRows(width: newWidth, resampling).resampledColumns(height: newHeight, resampling)
  }

  private func resampledRows(width newWidth: Int, _ resampling: Resampling) throws -> RGBImage {
    guard newWidth != width else { return self }
    return try RGBImage(width: newWidth, height: height) { target in
      try ResamplingWeights.forEachBatch(
        inputLength: width, outputLength: newWidth, resampling: resampling
      ) { weights in
        let columns = UnsafeMutableBufferPointer(rebasing: target[(3 * weights.outputs.lowerBound)...])
        // Narrower windows would leave most lanes idle.
        if weights.stride < 8 {
          cimaging_resample_rows(
            pixels, width, height, columns.baseAddress, newWidth, weights.windows, weights.windows.count,
            weights.weights, weights.stride)
        } else {
          resampleRows(weights.spreadOverChannels, to: columns, width: newWidth)
        }
      }
    }
  }

  private func resampleRows(
    _ weights: ResamplingWeights, to columns: UnsafeMutableBufferPointer<UInt8>, width newWidth: Int
  ) {
    // The lanes run past a row's end; the last rows are therefore taken from a copy with room behind it.
    let tail = min(height, weights.stride / (3 * width) + 1)
    let head = height - tail
    cimaging_resample_rows_wide(
      pixels, width, head, columns.baseAddress, newWidth, weights.windows, weights.windows.count,
      weights.weights, weights.stride)
    let last = Array(pixels[(3 * head * width)...]) + [UInt8](repeating: 0, count: weights.stride)
    let rest = UnsafeMutableBufferPointer(rebasing: columns[(3 * head * newWidth)...])
    cimaging_resample_rows_wide(
      last, width, tail, rest.baseAddress, newWidth, weights.windows, weights.windows.count,
      weights.weights, weights.stride)
  }

  private func resampledColumns(height newHeight: Int, _ resampling: Resampling) throws -> RGBImage {
    guard newHeight != height else { return self }
    let rowBytes = 3 * width
    return try RGBImage(width: width, height: newHeight) { target in
      try ResamplingWeights.forEachBatch(
        inputLength: height, outputLength: newHeight, resampling: resampling
      ) { weights in
        let rows = UnsafeMutableBufferPointer(rebasing: target[(rowBytes * weights.outputs.lowerBound)...])
        cimaging_resample_columns(
          pixels, rowBytes, rows.baseAddress, weights.windows, weights.windows.count, weights.weights,
          weights.stride)
      }
    }
  }

  /// Takes the pixel under each new pixel's centre.
  private func nearest(width newWidth: Int, height newHeight: Int) throws -> RGBImage {
    let columns = Self.nearestPositions(width, newWidth)
    let rows = Self.nearestPositions(height, newHeight)
    return try RGBImage(width: newWidth, height: newHeight) { target in
      pixels.withUnsafeBufferPointer { source in
        var output = 0
        for y in rows {
          for x in columns {
            let input = 3 * (y * width + x)
            for channel in 0..<3 { target[output + channel] = source[input + channel] }
            output += 3
          }
        }
      }
    }
  }

  /// Positions are summed up step by step, whose rounding errors are Pillow's.
  private static func nearestPositions(_ length: Int, _ newLength: Int) -> [Int] {
    let scale = Double(length) / Double(newLength)
    var position = scale * 0.5
    return (0..<newLength).map { _ in
      defer { position += scale }
      return min(Int(position), length - 1)
    }
  }
}

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
  /// - Throws: `OutOfMemory`.
  static func forEachBatch(
    inputLength: Int, outputLength: Int, resampling: Resampling, _ body: (ResamplingWeights) -> Void
  ) throws {
    guard let filterSupport = resampling.support else { preconditionFailure("nearest has no weights") }
    let scale = Double(inputLength) / Double(outputLength)
    // Shrinking widens the filter so that every input pixel counts.
    let support = filterSupport * max(scale, 1)
    let stride = Int(support.rounded(.up)) * 2 + 1
    let batch = max(1, batchSize / stride)
    // The weights themselves, three times as many for wide windows, a row of them in double precision, and the rows
    // behind which the lanes run on.
    try CheckedMemory.require(min(batch, outputLength) * stride * 16 + stride * 16 + 6 * inputLength)
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
