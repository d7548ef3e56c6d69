import Foundation
public import VignetteFiles

/// Why an image could not be read, or not be processed.
public struct ImageError: PlainError, Equatable {
  public enum Problem: Sendable, Equatable {
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
    /// The operating system refuses the file: a value of `errno`.
    case refused(CInt)
    /// The file is larger than any image of so many pixels.
    case tooManyBytes(limit: Int, maximumPixels: Int)
    /// There is less memory than it takes; for what, as "400 x 300 pixels".
    case outOfMemory(String)
    /// The image has a size that its processor can't use.
    case unusableSize(String)
  }

  public let problem: Problem
  /// The file's path as it was given; nil for an image in memory.
  public let path: String?

  init(_ problem: Problem, path: String? = nil) {
    self.problem = problem
    self.path = path
  }

  /// The same of the file at `path`.
  func of(_ path: String) -> ImageError { ImageError(problem, path: path) }

  public var description: String { path.map { "\($0): \(reason)" } ?? reason }

  /// What went wrong, without the path.
  public var reason: String {
    switch problem {
    case .unrecognized:
      "not an image: the content is neither JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC nor JPEG XL"
    case .unsupported(let format, nil):
      "\(format) is not supported; convert the image to JPEG, PNG or WebP"
    case .unsupported(let format, let reason?): "\(format) image not supported: \(reason)"
    case .truncated(let format): "truncated \(format) image: the file ends before the image does"
    case .corrupt(let format, let reason): "corrupt \(format) image: \(reason)"
    case .tooManyPixels(let width, let height, let limit):
      "the image is \(width) x \(height) pixels, more than the limit of \(limit) pixels; "
        + "raise \(Self.limit) if the file is trusted"
    case .refused(ENOENT): "there is no such file"
    case .refused(EISDIR): "is a folder, where a file is needed"
    case .refused(let code): Self.uncapitalized(String(cString: strerror(code)))
    case .tooManyBytes(let limit, let maximumPixels):
      "holds more than \(limit) bytes, which no image of at most \(maximumPixels) pixels takes; "
        + "raise \(Self.limit) if the file is trusted"
    case .outOfMemory(let what): "there isn't enough memory for \(what)"
    case .unusableSize(let reason): reason
    }
  }

  private static let limit = Setting("max_image_pixels")

  private static func uncapitalized(_ text: String) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }
}

extension ImageError {
  public static let unrecognized = ImageError(.unrecognized)

  public static func unsupported(format: String, reason: String?) -> ImageError {
    ImageError(.unsupported(format: format, reason: reason))
  }

  public static func truncated(format: String) -> ImageError { ImageError(.truncated(format: format)) }

  public static func corrupt(format: String, reason: String) -> ImageError {
    ImageError(.corrupt(format: format, reason: reason))
  }
}
