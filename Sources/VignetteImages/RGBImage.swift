import VignetteFiles

/// An image of 8-bit red, green and blue samples.
public struct RGBImage: Sendable, Equatable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The samples: rows from the top, pixels from the left, channels interleaved; width × height × 3 bytes.
  public let pixels: [UInt8]

  /// Makes an image of given samples.
  ///
  /// - Precondition: `pixels` holds width × height × 3 bytes.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(
      width >= 0 && height >= 0 && pixels.count == width * height * 3, "pixels must be [height, width, 3]")
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// Makes an image whose samples `initialize` writes, every one.
  ///
  /// - Throws: ``ImageError`` where there isn't enough memory; what `initialize` throws.
  package init(
    width: Int, height: Int,
    initializingWith initialize: (UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) throws {
    self.width = width
    self.height = height
    pixels = try PixelMemory.of(width: width, height: height) {
      try CheckedMemory.bytes(width * height * 3, fill: initialize)
    }
  }

  /// Spreads one grey sample per pixel over the three channels.
  init(width: Int, height: Int, grey samples: [UInt8]) throws {
    try self.init(width: width, height: height) { pixels in
      samples.withUnsafeBufferPointer { samples in
        for i in 0..<width * height {
          pixels[3 * i] = samples[i]
          pixels[3 * i + 1] = samples[i]
          pixels[3 * i + 2] = samples[i]
        }
      }
    }
  }

  /// Looks up one palette index per pixel.
  init(width: Int, height: Int, indices: [UInt8], palette: Palette) throws {
    try self.init(width: width, height: height) { pixels in
      indices.withUnsafeBufferPointer { indices in
        palette.colours.withUnsafeBufferPointer { colours in
          for i in 0..<width * height {
            let colour = 3 * Int(indices[i])
            pixels[3 * i] = colours[colour]
            pixels[3 * i + 1] = colours[colour + 1]
            pixels[3 * i + 2] = colours[colour + 2]
          }
        }
      }
    }
  }
}

/// 256 colours; those that a file leaves out are black.
struct Palette {
  /// Red, green and blue of each colour, 768 bytes.
  let colours: [UInt8]

  /// Makes a palette of interleaved red, green and blue.
  init(rgb: some Collection<UInt8>) {
    var colours = Array(rgb.prefix(3 * 256))
    colours.removeLast(colours.count % 3)
    colours += [UInt8](repeating: 0, count: 3 * 256 - colours.count)
    self.colours = colours
  }

  /// The 256 greys, in order.
  static let greys = Palette(rgb: (0..<256).flatMap { grey in repeatElement(UInt8(grey), count: 3) })
}
