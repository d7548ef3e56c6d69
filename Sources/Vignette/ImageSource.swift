public import Foundation
public import VignetteImages

/// Where an image is found.
public enum ImageSource: Sendable {
  case file(URL)
  /// The bytes of an image file, of any of the formats that are read.
  case data(Data)
  case image(RGBImage)

  /// Reads and decodes the image.
  ///
  /// - Throws: the decoder's error, which says why this is no image.
  func load(maximumPixels: Int) throws -> RGBImage {
    switch self {
    case .file(let url): try ImageDecoder.decode(contentsOf: url, maximumPixels: maximumPixels)
    case .data(let data): try ImageDecoder.decode(data, maximumPixels: maximumPixels)
    case .image(let image): image
    }
  }
}
