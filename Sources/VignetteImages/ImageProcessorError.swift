public import Foundation

/// Why an image processor could not be read or used.
public struct ImageProcessorError: Error, Sendable, Equatable, CustomStringConvertible, LocalizedError {
  /// The file it comes from; nil for a processor made in code.
  public let path: String?
  /// The field of `preprocessor_config.json` that is at fault; nil where the whole is.
  public let field: String?
  /// What is wrong, and what would be right.
  public let reason: String

  public var description: String {
    [path, field, reason].compactMap { $0 }.joined(separator: ": ")
  }

  public var errorDescription: String? { description }
}
