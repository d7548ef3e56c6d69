import CVignetteZlib

/// Writes images as PNG: 8-bit RGB, without loss.
public enum PNGEncoder {
  /// The largest image that fits one chunk.
  private static let maximumBytes = 1 << 30

  /// - Throws: ``ImageError`` for an image that PNG can't hold, being empty or over a gibibyte.
  public static func encode(_ image: RGBImage) throws -> [UInt8] {
    guard (1...maximumBytes).contains(image.pixels.count) else {
      throw ImageError.unsupported(
        format: "PNG", reason: "a size of \(image.width) x \(image.height) pixels can't be written")
    }
    let header = bigEndian(UInt32(image.width)) + bigEndian(UInt32(image.height)) + [8, 2, 0, 0, 0]
    return PNG.signature + chunk("IHDR", header) + chunk("IDAT", try compress(filteredRows(of: image)))
      + chunk("IEND", [])
  }

  /// Each row behind the number of its filter, and as the difference from the row above, which compresses well.
  private static func filteredRows(of image: RGBImage) -> [UInt8] {
    let rowBytes = 3 * image.width
    return [UInt8](unsafeUninitializedCapacity: (rowBytes + 1) * image.height) { rows, initialized in
      image.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<image.height {
          let (start, output) = (y * rowBytes, y * (rowBytes + 1))
          rows[output] = PNGFilter.up.rawValue
          for i in 0..<rowBytes {
            let above = y > 0 ? pixels[start + i - rowBytes] : 0
            rows[output + 1 + i] = pixels[start + i] &- above
          }
        }
      }
      initialized = (rowBytes + 1) * image.height
    }
  }

  private static func compress(_ data: [UInt8]) throws -> [UInt8] {
    let capacity = compressBound(UInt(data.count))
    return try [UInt8](unsafeUninitializedCapacity: Int(capacity)) { output, initialized in
      var count = capacity
      let status = CVignetteZlib.compress(output.baseAddress, &count, data, UInt(data.count))
      guard status == Z_OK else {
        throw ImageError.unsupported(format: "PNG", reason: "zlib can't compress the image (\(status))")
      }
      initialized = Int(count)
    }
  }

  private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(type.utf8) + data
    let checksum = UInt32(truncatingIfNeeded: crc32_z(0, content, content.count))
    return bigEndian(UInt32(data.count)) + content + bigEndian(checksum)
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
