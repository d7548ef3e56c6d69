import CVignetteWebP

/// Writes images as lossy WebP, for pages that show them small.
package enum WebPEncoder {
  /// WebP holds no longer sides.
  private static let maximumSide = 16_383

  /// - Parameter quality: 0 to 100; 75 is what the library's tools take.
  /// - Throws: ``ImageError`` for an image that WebP can't hold, or where there isn't enough memory.
  package static func encode(_ image: RGBImage, quality: Float = 75) throws -> [UInt8] {
    guard (1...maximumSide).contains(image.width), (1...maximumSide).contains(image.height) else {
      throw ImageError.unsupported(
        format: "WebP", reason: "a size of \(image.width) x \(image.height) pixels can't be written")
    }
    var output: UnsafeMutablePointer<UInt8>?
    let count = image.pixels.withUnsafeBufferPointer { pixels in
      WebPEncodeRGB(
        pixels.baseAddress, Int32(image.width), Int32(image.height), Int32(3 * image.width), quality, &output)
    }
    defer { WebPFree(output) }
    guard count > 0, let output else {
      throw ImageError(.outOfMemory("writing \(image.width) x \(image.height) pixels"))
    }
    return Array(UnsafeBufferPointer(start: output, count: count))
  }
}
