import CVignetteImages

extension RGBImage {
  /// The image at another size, byte for byte what Pillow's `Image.resize` gives.
  ///
  /// Each side is resampled by itself and rounded to bytes in between; shrinking averages over all the pixels that
  /// fall together.
  ///
  /// - Precondition: Both sizes are positive, the old and the new.
  public func resized(width newWidth: Int, height newHeight: Int, resampling: Resampling) -> RGBImage {
    precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "sizes must be positive")
    if newWidth == width && newHeight == height { return self }
    if resampling == .nearest { return nearest(width: newWidth, height: newHeight) }
    // The order matters to the last bit. Pillow 13 begins with the columns where that drops more than twice as much.
    let columnsFirst = newHeight < height && height - newHeight > 2 * (width - newWidth)
    if columnsFirst {
      return resampledColumns(height: newHeight, resampling).resampledRows(width: newWidth, resampling)
    }
    return resampledRows(width: newWidth, resampling).resampledColumns(height: newHeight, resampling)
  }

  private func resampledRows(width newWidth: Int, _ resampling: Resampling) -> RGBImage {
    guard newWidth != width else { return self }
    return RGBImage(width: newWidth, height: height) { target in
      ResamplingWeights.forEachBatch(
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

  private func resampledColumns(height newHeight: Int, _ resampling: Resampling) -> RGBImage {
    guard newHeight != height else { return self }
    let rowBytes = 3 * width
    return RGBImage(width: width, height: newHeight) { target in
      ResamplingWeights.forEachBatch(
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
  private func nearest(width newWidth: Int, height newHeight: Int) -> RGBImage {
    let columns = Self.nearestPositions(width, newWidth)
    let rows = Self.nearestPositions(height, newHeight)
    return RGBImage(width: newWidth, height: newHeight) { target in
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
