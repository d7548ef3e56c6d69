/// How a stored image is to be turned to stand upright: the values of EXIF's tag 274.
package enum Orientation: Int, Sendable {
  case upright = 1
  case mirrored
  case upsideDown
  case flipped
  case transposed
  case turnedLeft
  case transversed
  case turnedRight

  /// Whether rows become columns.
  var swapsSides: Bool { rawValue >= 5 }
}

extension RGBImage {
  /// The image turned upright.
  package func oriented(by orientation: Orientation) -> RGBImage {
    guard orientation != .upright else { return self }
    let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
    // The source pixel of the target's (0, 0), and the steps to take for one column and one row.
    let right = width - 1
    let bottom = (height - 1) * width
    let (start, column, row) =
      switch orientation {
      case .upright: (0, 1, width)
      case .mirrored: (right, -1, width)
      case .upsideDown: (bottom + right, -1, -width)
      case .flipped: (bottom, 1, -width)
      case .transposed: (0, width, 1)
      case .turnedLeft: (bottom, -width, 1)
      case .transversed: (bottom + right, -width, -1)
      case .turnedRight: (right, width, -1)
      }
    return RGBImage(width: newWidth, height: newHeight) { target in
      pixels.withUnsafeBufferPointer { source in
        var output = 0
        for y in 0..<newHeight {
          var input = 3 * (start + y * row)
          for _ in 0..<newWidth {
            target[output] = source[input]
            target[output + 1] = source[input + 1]
            target[output + 2] = source[input + 2]
            output += 3
            input += 3 * column
          }
        }
      }
    }
  }
}
