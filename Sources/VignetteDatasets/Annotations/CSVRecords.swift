import Foundation
import VignetteFiles

/// The records of a CSV file (RFC 4180): fields between commas, in double quotes where they hold commas, line
/// ends or quotes, which are then doubled.
enum CSVRecords {
  /// Calls `body` with each record's fields and the number of its first line; blank lines are passed over.
  static func forEach(
    in url: URL, _ body: (_ fields: [String], _ line: Int) throws -> Void
  ) throws {
    let file = try MappedFile(at: url)
    try file.withUnsafeBytes(0..<file.count) { bytes in
      var cursor = Cursor(bytes: bytes, path: url.path)
      while let (fields, line) = try cursor.record() {
        if fields != [""] { try body(fields, line) }
      }
    }
  }

  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private var position: Int
    private var line = 1

    init(bytes: UnsafeRawBufferPointer, path: String) {
      self.bytes = bytes
      self.path = path
      position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func record() throws -> (fields: [String], line: Int)? {
      guard position < bytes.count else { return nil }
      let firstLine = line
      var fields = [try field()]
      while position < bytes.count, bytes[position] == UInt8(ascii: ",") {
        position += 1
        fields.append(try field())
      }
      if position < bytes.count {
        position += 1
        line += 1
      }
      return (fields, firstLine)
    }

    // Stops at the comma or line feed after the field.
    private mutating func field() throws -> String {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        return try text(Array(unquoted()))
      }
      let firstLine = line
      var content: [UInt8] = []
      repeat {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
          if bytes[position] == UInt8(ascii: "\n") { line += 1 }
          position += 1
        }
        guard position < bytes.count else {
          throw AnnotationError(path, .line(firstLine, column: nil), "a quoted field has no end")
        }
        content += bytes[start..<position]
        position += 1
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { break }
        content.append(UInt8(ascii: "\""))
      } while true
      content += unquoted()
      return try text(content)
    }

    private mutating func unquoted() -> Slice<UnsafeRawBufferPointer> {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: ","),
        bytes[position] != UInt8(ascii: "\n")
      {
        position += 1
      }
      let endsLine = position == bytes.count || bytes[position] == UInt8(ascii: "\n")
      let hasReturn = endsLine && position > start && bytes[position - 1] == UInt8(ascii: "\r")
      return bytes[start..<(hasReturn ? position - 1 : position)]
    }

    private func text(_ content: [UInt8]) throws -> String {
      guard let text = String(validating: content, as: UTF8.self) else {
        throw AnnotationError(path, .line(line, column: nil), "the line is not valid UTF-8")
      }
      return text
    }
  }
}
