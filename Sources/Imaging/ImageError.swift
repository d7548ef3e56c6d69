import Foundation

/// Why bytes could not be turned into a picture.
public enum ImageError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError {
  /// The bytes begin like no picture format known.
  case unrecognized
  /// The bytes are of a format, or of a variant of a format, that is not read.
  case unsupported(format: String, reason: String?)
  /// The bytes end before the picture does.
  case truncated(format: String)
  /// The bytes contradict their format.
  case corrupt(format: String, reason: String)
  /// The header claims more pixels than allowed.
  case tooManyPixels(width: Int, height: Int, limit: Int)

  public var description: String {
    switch self {
    case .unrecognized:
      "not a picture: the content is neither JPEG, PNG, WebP, GIF nor BMP"
    case .unsupported(let format, let reason):
      if let reason {
        "\(format) picture not supported: \(reason)"
      } else {
        "\(format) is not supported; convert the picture to JPEG, PNG, WebP, GIF or BMP"
      }
    case .truncated(let format):
      "truncated \(format) picture: the file ends before the picture does"
    case .corrupt(let format, let reason):
      "corrupt \(format) picture: \(reason)"
    case .tooManyPixels(let width, let height, let limit):
      "the picture is \(width) x \(height) pixels, more than the limit of \(limit) pixels; "
        + "raise it with --max-image-pixels if the file is trusted"
    }
  }

  public var errorDescription: String? { description }
}

/// A picture file that could not be read.
public struct ImageFileError: Error, Sendable, CustomStringConvertible, LocalizedError {
  /// The file's path, as it was given.
  public let path: String
  /// What went wrong.
  public let reason: String

  public var description: String { "\(path): \(reason)" }
  public var errorDescription: String? { description }
}
