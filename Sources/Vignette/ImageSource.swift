public import Foundation
public import VignetteImages

#if canImport(CoreGraphics)
  public import CoreGraphics
#endif

/// Where an image is found.
public enum ImageSource: Sendable {
  case file(URL)
  /// The bytes of an image file, of any of the formats that are read.
  case data(Data)
  /// A decoded image.
  case image(RGBImage)

  /// A decoded image: rows from the top, pixels from the left, a byte each for red, green and blue.
  ///
  /// - Throws: ``CaptionerError/rawImage(width:height:byteCount:)`` where `bytes` aren't width × height × 3.
  public static func rgb(width: Int, height: Int, bytes: [UInt8]) throws -> ImageSource {
    let (pixels, isTooLarge) = width.multipliedReportingOverflow(by: height)
    guard width > 0, height > 0, !isTooLarge, bytes.count.isMultiple(of: 3), bytes.count / 3 == pixels else {
      throw CaptionerError.rawImage(width: width, height: height, byteCount: bytes.count)
    }
    return .image(RGBImage(width: width, height: height, pixels: bytes))
  }

  #if canImport(CoreGraphics)
    /// An image of Core Graphics', in sRGB and on black where it is transparent.
    ///
    /// - Throws: ``CaptionerError/rawImage(width:height:byteCount:)`` where it can't be drawn.
    public init(_ image: CGImage) throws {
      let (width, height) = (image.width, image.height)
      var drawn = [UInt8](repeating: 0, count: 4 * width * height)
      let isDrawn = drawn.withUnsafeMutableBytes { pixels in
        guard let space = CGColorSpace(name: CGColorSpace.sRGB),
          let context = CGContext(
            data: pixels.baseAddress, width: width, height: height, bitsPerComponent: 8,
            bytesPerRow: 4 * width, space: space, bitmapInfo: CGImageAlphaInfo.noneSkipLast.rawValue)
        else { return false }
        context.draw(image, in: CGRect(x: 0, y: 0, width: width, height: height))
        return true
      }
      guard isDrawn else { throw CaptionerError.rawImage(width: width, height: height, byteCount: 0) }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(3 * width * height)
      for start in stride(from: 0, to: drawn.count, by: 4) { bytes += drawn[start..<start + 3] }
      self = try .rgb(width: width, height: height, bytes: bytes)
    }
  #endif

  /// Reads and decodes the image.
  ///
  /// - Throws: the decoder's error, which says why this is no image.
  package func load(maximumPixels: Int = ImageDecoder.defaultMaximumPixels) throws -> RGBImage {
    switch self {
    case .file(let url): try ImageDecoder.decode(contentsOf: url, maximumPixels: maximumPixels)
    case .data(let data): try ImageDecoder.decode(data, maximumPixels: maximumPixels)
    case .image(let image): image
    }
  }
}

/// What a ``Captioner`` takes for an image: a file's `URL`, an image file's `Data`, an ``RGBImage`` or an
/// ``ImageSource``.
public protocol ImageSourceConvertible: Sendable {
  var imageSource: ImageSource { get }
}

extension ImageSource: ImageSourceConvertible {
  public var imageSource: ImageSource { self }
}

extension URL: ImageSourceConvertible {
  /// The file at this path.
  public var imageSource: ImageSource { .file(self) }
}

extension Data: ImageSourceConvertible {
  /// The image file that these bytes are.
  public var imageSource: ImageSource { .data(self) }
}

extension RGBImage: ImageSourceConvertible {
  public var imageSource: ImageSource { .image(self) }
}
