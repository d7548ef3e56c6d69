public import Foundation

/// Why bytes could not be turned into an image.
public enum ImageError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError {
  /// The bytes begin like no image format known.
  case unrecognized
  /// The bytes are of a format, or of a variant of a format, that is not read.
  case unsupported(format: String, reason: String?)
  /// The bytes end before the image does.
  case truncated(format: String)
  /// The bytes contradict their format.
  case corrupt(format: String, reason: String)
  /// The header claims more pixels than allowed.
  case tooManyPixels(width: Int, height: Int, limit: Int)

  public var description: String {
    switch self {
    case .unrecognized:
      "not an image: the content is neither JPEG, PNG, WebP, GIF nor BMP"
    case .unsupported(let format, let reason):
      if let reason {
        "\(format) image not supported: \(reason)"
      } else {
        "\(format) is not supported; convert the image to JPEG, PNG, WebP, GIF or BMP"
      }
    case .truncated(let format):
      "truncated \(format) image: the file ends before the image does"
    case .corrupt(let format, let reason):
      "corrupt \(format) image: \(reason)"
    case .tooManyPixels(let width, let height, let limit):
      "the image is \(width) x \(height) pixels, more than the limit of \(limit) pixels; "
        + "raise it with --max-image-pixels if the file is trusted"
    }
  }

  public var errorDescription: String? { description }
}

/// An image file that could not be read.
public struct ImageFileError: Error, Sendable, CustomStringConvertible, LocalizedError {
  /// The file's path, as it was given.
  public let path: String
  /// What went wrong.
  public let reason: String

  public var description: String { "\(path): \(reason)" }
  public var errorDescription: String? { description }
}
