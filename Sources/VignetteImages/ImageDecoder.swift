public import Foundation
import VignetteFiles

/// Turns an image file into pixels.
///
/// JPEG, PNG, WebP, GIF and BMP are read, told apart by their content; so are TIFF, AVIF, HEIC and JPEG XL with the
/// package trait `Formats`. The result is what Pillow gives for
/// `ImageOps.exif_transpose(Image.open(file)).convert("RGB")`, byte for byte: upright by its EXIF orientation,
/// grey spread, palettes looked up, CMYK converted, transparency dropped, and the first frame of an animation or the first
/// page. AVIF, HEIC and JPEG XL with loss may differ by a few steps, as their libraries' versions do.
public enum ImageDecoder {
  /// Pillow's default for the largest image: a quarter of a gibibyte at three bytes a pixel.
  public static let defaultMaximumPixels = 178_956_970

  /// Decodes an image in memory.
  ///
  /// - Parameters:
  ///   - bytes: The whole file.
  ///   - maximumPixels: The largest width × height accepted, checked before anything is allocated.
  /// - Throws: ``ImageError``.
  public static func decode(
    _ bytes: [UInt8], maximumPixels: Int = defaultMaximumPixels
  ) throws -> RGBImage {
    try decode(bytes, maximumPixels: maximumPixels, minimumSide: nil)
  }

  /// Decodes an image in memory, where that is quicker only as large as it is needed: a JPEG at a half, a quarter or an
  /// eighth of its size. Its pixels then aren't those that scaling it down gives, but close.
  ///
  /// - Parameter minimumSide: how long both sides of the result must be at least, where the image's are.
  /// - Throws: ``ImageError``.
  package static func decode(
    _ bytes: [UInt8], maximumPixels: Int, minimumSide: Int?
  ) throws -> RGBImage {
    // Metadata is copied, a few times at most.
    try PixelMemory.of("reading it") { try CheckedMemory.require(4 * bytes.count) }
    let format = try ImageFormat(of: bytes)
    let (image, orientation) =
      switch format {
      case .jpeg:
        try JPEGDecoder.decode(bytes, maximumPixels: maximumPixels, minimumSide: minimumSide)
      case .png: try PNGDecoder.decode(bytes, maximumPixels: maximumPixels)
      case .webP: try WebPDecoder.decode(bytes, maximumPixels: maximumPixels)
      case .gif: (try GIFDecoder.decode(bytes, maximumPixels: maximumPixels), .upright)
      case .bmp: (try BMPDecoder.decode(bytes, maximumPixels: maximumPixels), .upright)
      case .tiff, .avif, .heic, .jpegXL:
        try OptionalFormats.decode(bytes, format, maximumPixels: maximumPixels)
      }
    return try image.oriented(by: orientation)
  }

  /// Decodes an image in memory.
  ///
  /// - Throws: ``ImageError``.
  public static func decode(
    _ data: Data, maximumPixels: Int = defaultMaximumPixels
  ) throws -> RGBImage {
    let bytes = try PixelMemory.of("its \(data.count) bytes") {
      try CheckedMemory.bytes(data.count) { _ = data.copyBytes(to: $0) }
    }
    return try decode(bytes, maximumPixels: maximumPixels)
  }

  /// Decodes an image file. A pipe or a device is read to its end.
  ///
  /// - Throws: ``ImageError``, which names the file as it was given.
  public static func decode(
    contentsOf url: URL, maximumPixels: Int = defaultMaximumPixels
  ) throws -> RGBImage {
    let bytes = try ImageFile.bytes(of: url, maximumPixels: maximumPixels)
    do {
      return try decode(bytes, maximumPixels: maximumPixels)
    } catch let error as ImageError {
      throw error.of(url.relativePath)
    }
  }

  /// Checks a header's claim before memory is set aside for it.
  static func checkSize(
    width: Int, height: Int, maximumPixels: Int, format: ImageFormat
  ) throws {
    guard width > 0, height > 0 else {
      throw ImageError.corrupt(format: format.rawValue, reason: "its size is \(width) x \(height) pixels")
    }
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    // Decoders count bytes by up to 32 a pixel, whatever is allowed.
    guard !overflow, pixels <= maximumPixels, pixels <= Int.max / 64 else {
      throw ImageError(.tooManyPixels(width: width, height: height, limit: maximumPixels))
    }
  }
}
