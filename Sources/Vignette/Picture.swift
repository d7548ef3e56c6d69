import Foundation
import Imaging

/// Where a picture is found.
public enum Picture: Sendable {
  case file(URL)
  /// The bytes of a picture file, of any of the formats that are read.
  case data(Data)
  case image(RGBImage)

  /// Reads and decodes the picture.
  ///
  /// - Throws: the decoder's error, which says why this is no picture.
  func load(maximumPixels: Int) throws -> RGBImage {
    switch self {
    case .file(let url): try ImageDecoder.decode(contentsOf: url, maximumPixels: maximumPixels)
    case .data(let data): try ImageDecoder.decode(data, maximumPixels: maximumPixels)
    case .image(let image): image
    }
  }
}
