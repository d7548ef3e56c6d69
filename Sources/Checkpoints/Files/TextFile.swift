import Foundation

/// Text files, read whole.
package enum TextFile {
  /// The text of the file at `url`.
  ///
  /// - Throws: `SystemError` if it can't be read, `MalformedFileError` if it isn't UTF-8.
  package static func read(_ url: URL) throws -> String {
    let file = try MappedFile(at: url)
    let text = file.withUnsafeBytes(0..<file.count) { String(validating: $0, as: UTF8.self) }
    guard let text else { throw MalformedFileError(url.path, "is no text in UTF-8") }
    return text
  }
}
