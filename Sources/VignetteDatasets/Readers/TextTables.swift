import Foundation
import VignetteFiles

// Text tables come from strangers and may be of any size: they are read in time proportional to their bytes, and in
// memory of the order of their longest row.

/// The lines of a text file.
enum TextLines {
  /// Calls `body` with each line, its number from one and no line end; blank lines are skipped.
  static func forEach(
    in url: URL, _ body: (_ line: Substring, _ number: Int) throws -> Void
  ) throws {
    let file = try MappedFile(at: url)
    try file.withUnsafeBytes(0..<file.count) { bytes in
      var pages = ReadPages(of: file)
      var start = bytes.textStart
      var number = 0
      while start < bytes.count {
        let end = bytes.lineEnd(from: start)
        let line = bytes.withoutReturn(start..<end)
        pages.release(before: start)
        start = end + 1
        number += 1
        if line.allSatisfy({ ByteClass.isSpace($0) }) { continue }
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: line), as: UTF8.self) else {
          throw DatasetError.annotation(url.path, line: number, "the line is not valid UTF-8")
        }
        if !text.allSatisfy(\.isWhitespace) { try body(text[...], number) }
      }
    }
  }

  /// Calls `body` with the value of each line of a file of JSON Lines, and the line's number.
  ///
  /// - Throws: `DatasetError` for a line that is no JSON or no text, `SystemError`.
  static func forEachValue(
    in url: URL, _ body: (_ value: JSONField, _ number: Int) throws -> Void
  ) throws {
    try forEach(in: url) { line, number in
      let value: JSONValue
      do {
        value = try JSONValue(parsing: line.utf8, file: url.path)
      } catch let error as JSONError {
        // A line is a document of its own; its number is the file's.
        guard case .line(_, let column) = error.position else { throw error }
        throw DatasetError.annotation(
          url.path, .line(number, column: column), "this is not JSON: \(error.problem)")
      }
      try body(JSONField(value, file: "\(url.path):\(number)"), number)
    }
  }

  /// All lines that aren't blank, without white space around them.
  static func all(in url: URL) throws -> [String] {
    var lines: [String] = []
    try forEach(in: url) { line, _ in lines.append(line.trimmed(.whitespaces)) }
    return lines
  }
}

/// A record of a CSV file.
struct CSVRecord {
  /// More fields than any table has columns are counted, but not kept.
  static let maximumFields = 4096

  fileprivate(set) var fields: [String] = []
  fileprivate(set) var fieldCount = 0
  /// The number of its first line in the file.
  let line: Int
}

/// The records of a CSV file (RFC 4180): fields between commas, in double quotes where they hold commas, line
/// ends or quotes, which are then doubled.
enum CSVRecords {
  /// Calls `body` with each record; blank lines are skipped.
  static func forEach(in url: URL, _ body: (CSVRecord) throws -> Void) throws {
    let file = try MappedFile(at: url)
    try file.withUnsafeBytes(0..<file.count) { bytes in
      var pages = ReadPages(of: file)
      var cursor = Cursor(bytes: bytes, path: url.path)
      while let record = try cursor.record() {
        pages.release(before: cursor.position)
        if record.fieldCount != 1 || record.fields != [""] { try body(record) }
      }
    }
  }

  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private(set) var position: Int
    private var line = 1
    /// The end of the line that `position` is in, once it was looked for.
    private var lineEnd = -1

    init(bytes: UnsafeRawBufferPointer, path: String) {
      self.bytes = bytes
      self.path = path
      position = bytes.textStart
    }

    mutating func record() throws -> CSVRecord? {
      skipBlankLines()
      guard position < bytes.count else { return nil }
      var record = CSVRecord(line: line)
      try appendField(to: &record)
      while position < bytes.count, bytes[position] == ByteClass.comma {
        position += 1
        try appendField(to: &record)
      }
      if position < bytes.count {
        position += 1
        line += 1
      }
      return record
    }

    private mutating func skipBlankLines() {
      while position < bytes.count {
        let isReturn = bytes[position] == UInt8(ascii: "\r") && position + 1 < bytes.count
        let end = isReturn ? position + 1 : position
        guard bytes[end] == ByteClass.lineFeed else { return }
        position = end + 1
        line += 1
      }
    }

    // Stops at the comma or line feed after the field.
    private mutating func appendField(to record: inout CSVRecord) throws {
      record.fieldCount += 1
      let isKept = record.fieldCount <= CSVRecord.maximumFields
      guard position < bytes.count, bytes[position] == ByteClass.quote else {
        let content = unquoted()
        if isKept { record.fields.append(try text(content)) }
        return
      }
      let content = try quoted() + unquoted()
      if isKept { record.fields.append(try text(content)) }
    }

    private mutating func quoted() throws -> [UInt8] {
      let firstLine = line
      var content: [UInt8] = []
      repeat {
        let start = position + 1
        guard let end = bytes.firstIndex(of: ByteClass.quote, in: start..<bytes.count) else {
          throw DatasetError.annotation(path, line: firstLine, "a quoted field has no end")
        }
        line += bytes.lineFeeds(in: start..<end)
        content += bytes[start..<end]
        position = end + 1
        guard position < bytes.count, bytes[position] == ByteClass.quote else { return content }
        content.append(ByteClass.quote)
      } while true
    }

    private mutating func unquoted() -> Slice<UnsafeRawBufferPointer> {
      let start = position
      if lineEnd < start { lineEnd = bytes.lineEnd(from: start) }
      if let comma = bytes.firstIndex(of: ByteClass.comma, in: start..<lineEnd) {
        position = comma
        return bytes[start..<comma]
      }
      position = lineEnd
      return bytes.withoutReturn(start..<lineEnd)
    }

    private func text(_ content: some Collection<UInt8>) throws -> String {
      guard let text = String(validating: content, as: UTF8.self) else {
        throw DatasetError.annotation(path, line: line, "the line is not valid UTF-8")
      }
      return text
    }
  }
}

/// Gives back the memory of what was read of a file.
private struct ReadPages {
  private let file: MappedFile
  private var start = 0

  private static let size = 1 << 24

  init(of file: MappedFile) {
    self.file = file
    file.willReadSequentially()
  }

  mutating func release(before position: Int) {
    guard position - start >= Self.size else { return }
    file.release(start..<position)
    start = position
  }
}

extension StringProtocol {
  /// The text without characters of `set` around it. Foundation's own function takes seconds for a hundred megabytes.
  func trimmed(_ set: CharacterSet) -> String {
    var rest = Substring(self).unicodeScalars
    while let first = rest.first, set.contains(first) { rest.removeFirst() }
    while let last = rest.last, set.contains(last) { rest.removeLast() }
    return String(Substring(rest))
  }
}

private enum ByteClass {
  static let lineFeed = UInt8(ascii: "\n")
  static let comma = UInt8(ascii: ",")
  static let quote = UInt8(ascii: "\"")

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension UnsafeRawBufferPointer {
  /// Where a text begins: behind the byte order mark that some programs write.
  fileprivate var textStart: Int { starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  fileprivate func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
    guard !range.isEmpty, let base = baseAddress else { return nil }
    return memchr(base + range.lowerBound, CInt(byte), range.count).map { UnsafeRawPointer($0) - base }
  }

  /// Where the line from `start` on ends: at its line feed, or the end of the text.
  fileprivate func lineEnd(from start: Int) -> Int {
    firstIndex(of: ByteClass.lineFeed, in: start..<count) ?? count
  }

  /// A line without the carriage return before its line feed.
  fileprivate func withoutReturn(_ line: Range<Int>) -> Slice<UnsafeRawBufferPointer> {
    let hasReturn = !line.isEmpty && self[line.upperBound - 1] == UInt8(ascii: "\r")
    return self[line.lowerBound..<line.upperBound - (hasReturn ? 1 : 0)]
  }

  fileprivate func lineFeeds(in range: Range<Int>) -> Int {
    var (count, start) = (0, range.lowerBound)
    while let next = firstIndex(of: ByteClass.lineFeed, in: start..<range.upperBound) {
      count += 1
      start = next + 1
    }
    return count
  }
}
