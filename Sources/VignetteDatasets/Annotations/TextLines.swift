import Foundation
import VignetteFiles

/// The lines of a text file.
enum TextLines {
  /// Calls `body` with each line, its number from one and no line end; blank lines are passed over.
  static func forEach(
    in url: URL, _ body: (_ line: Substring, _ number: Int) throws -> Void
  ) throws {
    let file = try MappedFile(at: url)
    try file.withUnsafeBytes(0..<file.count) { bytes in
      var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      var number = 0
      while start < bytes.count {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        defer { start = end + 1 }
        number += 1
        let hasReturn = end > start && bytes[end - 1] == UInt8(ascii: "\r")
        let range = start..<(hasReturn ? end - 1 : end)
        guard let line = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        else { throw AnnotationError(url.path, .line(number, column: nil), "the line is not valid UTF-8") }
        if !line.allSatisfy(\.isWhitespace) { try body(line[...], number) }
      }
    }
  }

  /// Calls `body` with the value of each line of a file of JSON Lines, and the line's number.
  ///
  /// - Throws: `AnnotationError` for a line that is no JSON or no text, `SystemError`.
  static func forEachValue(
    in url: URL, _ body: (_ value: JSONField, _ number: Int) throws -> Void
  ) throws {
    try forEach(in: url) { line, number in
      let value: JSONValue
      do {
        value = try JSONValue(parsing: line.utf8, file: url.path)
      } catch let error as JSONSyntaxError {
        // A line is a document of its own; its number is the file's.
        throw AnnotationError(
          url.path, .line(number, column: error.column), "this is not JSON: \(error.problem)")
      }
      try body(JSONField(value, file: "\(url.path):\(number)"), number)
    }
  }

  /// All lines that aren't blank, without white space around them.
  static func all(in url: URL) throws -> [String] {
    var lines: [String] = []
    try forEach(in: url) { line, _ in lines.append(line.trimmingCharacters(in: .whitespaces)) }
    return lines
  }
}
