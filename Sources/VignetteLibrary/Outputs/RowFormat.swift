package import Foundation
import VignetteFiles

/// How records are rows of a file.
package protocol RowFormat: Sendable {
  /// What the file begins with; empty for nothing.
  var header: [UInt8] { get }

  /// What a row calls an image.
  ///
  /// - Throws: ``ImageFailure`` for an image that no row can name.
  func key(of image: LibraryImage) throws -> String

  /// The row of a record, its end of line included; nil where it has none.
  ///
  /// - Parameter former: the row that it replaces, whose other values may stay.
  func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]?

  /// Where the row that begins `bytes` ends, behind its end of line; nil where it doesn't end in them.
  func end(ofRowIn bytes: UnsafeRawBufferPointer) -> Int?

  /// What a row says; nil for an empty line.
  ///
  /// - Throws: `JSONFault` or ``RowFault`` for what is no row.
  func read(_ row: UnsafeRawBufferPointer) throws -> RowContent?
}

extension RowFormat {
  package var header: [UInt8] { [] }

  package func key(of image: LibraryImage) throws -> String { image.name }

  package func end(ofRowIn bytes: UnsafeRawBufferPointer) -> Int? {
    bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
  }
}

/// What a row says.
package struct RowContent: Sendable {
  let key: String
  /// Nil where the row is about something else.
  let caption: ExistingCaption?
}

/// What is wrong with a row.
struct RowFault: Error {
  let problem: String
}

/// Scores as they are written.
enum ScoreText {
  /// The shortest decimal that is this single-precision number.
  static func json(_ score: Float?) -> JSONValue {
    score.flatMap { Double("\($0)") }.map { .double($0) } ?? .null
  }
}

// MARK: - JSON Lines

/// A JSON object a line: `{"file": "a.jpg", "caption": "a dog", "score": -0.7}`; `"captions"` with all of several; a null
/// caption and an `"error"` for an image that failed.
package struct JSONLinesFormat: RowFormat {
  package init() {}

  package func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]? {
    var object: JSONObject = ["file": .string(key)]
    Self.add(record, to: &object, captionKey: "caption")
    return JSONRow.bytes(object)
  }

  static func add(_ record: CaptionRecord, to object: inout JSONObject, captionKey: String) {
    object[captionKey] = record.captions.first.map { .string($0.text) } ?? .null
    if let failure = record.failure {
      object["error"] = .string(failure)
      return
    }
    object["score"] = ScoreText.json(record.captions.first?.score)
    guard record.captions.count > 1 else { return }
    object["captions"] = .array(
      record.captions.map { [captionKey: .string($0.text), "score": ScoreText.json($0.score)] })
  }

  package func read(_ row: UnsafeRawBufferPointer) throws -> RowContent? {
    try JSONRow.read(row, key: "file", caption: "caption")
  }
}

/// Hugging Face's `metadata.jsonl`, which makes a folder of images a data set: `{"file_name": "a.jpg", "text": "a dog"}`, the
/// names relative to the file's folder. A row of an image that failed has a null text and an `"error"`.
package struct MetadataFormat: RowFormat {
  private let folder: [[UInt8]]

  /// - Parameter file: where the rows will stand.
  package init(file: URL) { folder = Self.parts(file.deletingLastPathComponent().path) }

  package func key(of image: LibraryImage) throws -> String {
    let parts = Self.parts(image.name)
    guard parts.starts(with: folder), parts.count > folder.count else {
      throw ImageFailure("is not in the folder of metadata.jsonl, whose rows can't name it")
    }
    return FileName.string(Array(parts.dropFirst(folder.count).joined(separator: [UInt8(ascii: "/")])))
  }

  /// The names on the way from the root, links not followed.
  private static func parts(_ path: String) -> [[UInt8]] {
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    let bytes = FileName.bytes(isAbsolute ? path : FileName.url(path, isFolder: false).path)
    return bytes.split(separator: UInt8(ascii: "/")).reduce(into: []) { parts, part in
      if part.elementsEqual("..".utf8) {
        _ = parts.popLast()
      } else if !part.elementsEqual(".".utf8) {
        parts.append(Array(part))
      }
    }
  }

  package func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]? {
    // Columns that someone has added stay.
    var object = former.flatMap { try? JSONValue(parsing: $0, file: "").asObject } ?? [:]
    object["file_name"] = .string(key)
    for name in ["text", "error", "captions"] { object[name] = nil }
    object["text"] = record.captions.first.map { .string($0.text) } ?? .null
    if let failure = record.failure { object["error"] = .string(failure) }
    if record.captions.count > 1 { object["captions"] = .array(record.captions.map { .string($0.text) }) }
    return JSONRow.bytes(object)
  }

  package func read(_ row: UnsafeRawBufferPointer) throws -> RowContent? {
    try JSONRow.read(row, key: "file_name", caption: "text")
  }
}

/// Lines of JSON.
enum JSONRow {
  static func bytes(_ object: JSONObject) -> [UInt8] {
    Array((TerminalText.escapedJSON(JSONValue.object(object).text(.plainLine)) + "\n").utf8)
  }

  /// The members that matter; nil for an empty line.
  static func read(
    _ row: UnsafeRawBufferPointer, key keyName: String, caption captionName: String
  ) throws -> RowContent? {
    var cursor = JSONCursor(row)
    if cursor.peek() == nil { return nil }
    var key: String?
    var caption: String?
    var isFailure = false
    try cursor.members { (cursor, name) throws(JSONFault) in
      switch name.string {
      case keyName: key = try cursor.string()
      case captionName:
        caption = nil
        if !cursor.skipNull() { caption = try cursor.string() }
      case "error":
        isFailure = !cursor.skipNull()
        if isFailure { try cursor.skipValue() }
      default: try cursor.skipValue()
      }
    }
    try cursor.expectEnd()
    guard let key else { throw RowFault(problem: "has no \"\(keyName)\"") }
    return RowContent(key: key, caption: caption.map { .caption($0) } ?? (isFailure ? .failure : nil))
  }
}

// MARK: - CSV

/// Comma-separated values as RFC 4180 has them: a header, then `file,caption,score,error,alternatives`, the latter a JSON
/// list of the other captions where there are several. A field may hold line ends.
package struct CSVFormat: RowFormat {
  private static let columns = "file,caption,score,error,alternatives"

  package init() {}

  package var header: [UInt8] { Array("\(Self.columns)\n".utf8) }

  package func key(of image: LibraryImage) throws -> String { FileName.printed(image.name) }

  package func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]? {
    let others = record.captions.dropFirst().map { JSONValue.string($0.text) }
    let fields = [
      key, record.captions.first?.text ?? "", record.captions.first?.score.map { "\($0)" } ?? "",
      record.failure ?? "", others.isEmpty ? "" : JSONValue.array(others).text(.plainLine),
    ]
    return Array((fields.map(CSVField.quoted).joined(separator: ",") + "\n").utf8)
  }

  package func end(ofRowIn bytes: UnsafeRawBufferPointer) -> Int? {
    var isQuoted = false
    for (index, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: "\n"), !isQuoted { return index + 1 }
    }
    return nil
  }

  package func read(_ row: UnsafeRawBufferPointer) throws -> RowContent? {
    let fields = try CSVField.fields(row)
    if fields == [""] { return nil }
    guard fields.count >= 4 else {
      throw RowFault(problem: "has \(Quantity(fields.count, "field")), where \(Self.columns) are expected")
    }
    let isFailure = fields[1].isEmpty && !fields[3].isEmpty
    return RowContent(key: fields[0], caption: isFailure ? .failure : .caption(fields[1]))
  }
}

package enum CSVField {
  /// A field as RFC 4180 quotes it.
  package static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"\(field.replacing("\"", with: "\"\""))\""
  }

  /// The fields of a row.
  static func fields(_ row: UnsafeRawBufferPointer) throws -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var (isQuoted, index) = (false, 0)
    var end = row.count
    if end > 0, row[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > 0, row[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    func finish() throws {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw RowFault(problem: "is no UTF-8")
      }
      fields.append(text)
      field = []
    }
    while index < end {
      let byte = row[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\"") where isQuoted && index < end && row[index] == byte:
        field.append(byte)
        index += 1
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: try finish()
      default: field.append(byte)
      }
    }
    try finish()
    return fields
  }
}

// MARK: - Lines

/// A line of text for each caption: its image's name, a tab, the caption. For streams: a row may be several lines.
package struct TextFormat: RowFormat {
  package init() {}

  package func key(of image: LibraryImage) throws -> String { FileName.printed(image.name) }

  package func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]? {
    guard !record.captions.isEmpty else { return nil }
    let lines = record.captions.map { caption in
      "\(key)\t\(caption.text.split(whereSeparator: \.isNewline).joined(separator: " "))\n"
    }
    return Array(lines.joined().utf8)
  }

  package func read(_ row: UnsafeRawBufferPointer) throws -> RowContent? {
    let line = String(decoding: row, as: UTF8.self)
    guard let tab = line.firstIndex(of: "\t") else {
      if line.allSatisfy(\.isWhitespace) { return nil }
      throw RowFault(problem: "has no tab between a name and a caption")
    }
    let caption = line[line.index(after: tab)...].drop { $0.isNewline }
    return RowContent(key: String(line[..<tab]), caption: .caption(caption.trimmingCharacters(in: .newlines)))
  }
}
