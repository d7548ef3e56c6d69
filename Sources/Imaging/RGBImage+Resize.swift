import CImaging

extension RGBImage {
  /// The picture at another size, byte for byte what Pillow's `Image.resize` gives.
  ///
  /// Rows are resampled first and rounded to bytes, then columns. Shrinking averages over all the pixels that fall
  /// together.
  ///
  /// - Precondition: Both sizes are positive, the old and the new.
  public func resized(width newWidth: Int, height newHeight: Int, resampling: Resampling) -> RGBImage {
    precondition(width > 0 && height > 0 && newWidth > 0 && newHeight > 0, "sizes must be positive")
    if newWidth == width && newHeight == height { return self }
    if resampling == .nearest { return nearest(width: newWidth, height: newHeight) }
    guard newHeight != height else {
      return resampledRows(width: newWidth, rows: 0..<height, resampling)
    }
    var vertical = ResamplingWeights(
      inputLength: height, outputLength: newHeight, resampling: resampling)
    guard newWidth != width else { return resampledColumns(vertical) }
    let rows = vertical.inputRange
    vertical.drop(rows.lowerBound)
    return resampledRows(width: newWidth, rows: rows, resampling).resampledColumns(vertical)
  }

  private func resampledRows(width newWidth: Int, rows: Range<Int>, _ resampling: Resampling) -> RGBImage {
    let weights = ResamplingWeights(inputLength: width, outputLength: newWidth, resampling: resampling)
    let rowBytes = 3 * width
    return RGBImage(width: newWidth, height: rows.count) { target in
      pixels.withUnsafeBufferPointer { source in
        guard let top = source.baseAddress, let target = target.baseAddress else { return }
        let source = top + rows.lowerBound * rowBytes
        // Below about this many pixels a window leaves most lanes idle.
        guard weights.stride >= 8 else {
          return cimaging_resample_rows(
            source, width, rows.count, target, newWidth, weights.windows, weights.weights, weights.stride)
        }
        let wide = weights.spreadOverChannels
        // The lanes run past a row's end; the last rows are therefore taken from a copy with room behind it.
        let tail = min(rows.count, wide.stride / rowBytes + 1)
        let head = rows.count - tail
        cimaging_resample_rows_wide(
          source, width, head, target, newWidth, wide.windows, wide.weights, wide.stride)
        var last = [UInt8](UnsafeBufferPointer(start: source + head * rowBytes, count: tail * rowBytes))
        last += [UInt8](repeating: 0, count: wide.stride)
        cimaging_resample_rows_wide(
          last, width, tail, target + head * newWidth * 3, newWidth, wide.windows, wide.weights,
          wide.stride)
      }
    }
  }

  private func resampledColumns(_ weights: ResamplingWeights) -> RGBImage {
    RGBImage(width: width, height: weights.windows.count) { target in
      cimaging_resample_columns(
        pixels, 3 * width, target.baseAddress, weights.windows.count, weights.windows, weights.weights,
        weights.stride)
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
