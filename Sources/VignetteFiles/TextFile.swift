package import Foundation

/// Text files, read whole.
package enum TextFile {
  /// What some programs begin a text in UTF-8 with, and no part of it.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The text of the file at `url`.
  ///
  /// - Throws: `SystemError` if it can't be read, `MalformedFileError` if it isn't UTF-8.
  package static func read(_ url: URL) throws -> String {
    let file = try MappedFile(at: url)
    let start = file.bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    let text = file.withUnsafeBytes(start..<file.count) { String(validating: $0, as: UTF8.self) }
    guard let text else { throw MalformedFileError(url.path, "is no text in UTF-8") }
    return text
  }
}
