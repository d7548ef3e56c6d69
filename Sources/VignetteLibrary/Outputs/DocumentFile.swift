package import Foundation
package import VignetteFiles

/// How records are members of one JSON document.
package protocol DocumentFormat: Sendable {
  /// The brackets of the document.
  var brackets: (opening: String, closing: String) { get }

  /// What stands in the document for an image that has captions.
  ///
  /// - Parameter former: what stood there before.
  func element(_ record: CaptionRecord, former: JSONValue?) -> (key: String, value: JSONValue)

  /// What the document calls an image.
  func key(of image: LibraryImage) -> String

  /// Calls `body` with the elements of a document.
  func read(_ cursor: inout JSONCursor, _ body: (String, JSONValue) throws(JSONFault) -> Void)
    throws(JSONFault)

  /// Whether the document may have an element for an image that it calls `key`.
  func accepts(_ value: JSONValue, key: String) -> Bool

  /// The caption that an element has.
  func caption(_ value: JSONValue) -> String?

  /// An element as it stands in the document.
  func text(key: String, _ value: JSONValue) -> String
}

/// A JSON document of captions, which is whole or as it was: records wait in a hidden file of rows beside it, from which the
/// document is made at the end. A job that goes on finds them there.
package final class DocumentFile: CaptionSink {
  private let url: URL
  private let format: any DocumentFormat
  private let rows: RowFile
  private let rowsURL: URL
  private var hasChanged = false

  package init(at url: URL, format: any DocumentFormat) {
    self.url = url
    self.format = format
    rowsURL = url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).rows")
    rows = RowFile(at: rowsURL, format: ElementFormat(format))
  }

  package func prepare() throws {
    if FileSystem.isFolder(url) { throw SystemError("write", url.path, code: EISDIR) }
    TemporaryName.sweepAbandoned(of: url)
    if FileSystem.exists(rowsURL) {
      hasChanged = true
    } else if FileSystem.exists(url) {
      try SystemError.naming(url.path) { try importDocument() }
    }
    try SystemError.naming(url.path) { try rows.prepare() }
  }

  /// Makes rows of what the document has.
  private func importDocument() throws {
    let file = try MappedFile(at: url)
    let rows = try AtomicFile(at: rowsURL)
    var cursor = JSONCursor(file.bytes)
    var problem: (any Error)?
    do throws(JSONFault) {
      try format.read(&cursor) { (key, value) throws(JSONFault) in
        do { try rows.write(ElementFormat.row(key, value)) } catch { if problem == nil { problem = error } }
      }
      try cursor.expectEnd()
    } catch {
      throw JSONError(file: url.path, bytes: file.bytes, fault: error)
    }
    if let problem { throw problem }
    try rows.commit()
  }

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? { try rows.existing(image) }

  package func receive(_ record: CaptionRecord) throws {
    // These documents have no place for an image without a caption.
    guard !record.captions.isEmpty else { return }
    hasChanged = true
    try SystemError.naming(url.path) { try rows.receive(record) }
  }

  package func flush() throws { try SystemError.naming(url.path) { try rows.flush() } }

  package func finish() throws {
    try SystemError.naming(url.path) {
      if hasChanged || !FileSystem.exists(url) { try writeDocument() }
      try AtomicFile.remove(rowsURL)
    }
  }

  private func writeDocument() throws {
    let file = try AtomicFile(at: url)
    var text = format.brackets.opening
    var isFirst = true
    try rows.forEachRow { row in
      guard let (key, value) = ElementFormat.element(row) else { return }
      text += (isFirst ? "\n" : ",\n") + format.text(key: key, value)
      isFirst = false
      guard text.utf8.count > 1 << 16 else { return }
      try file.write(Array(text.utf8))
      text = ""
    }
    try file.write(Array((text + "\n" + format.brackets.closing + "\n").utf8))
    try file.commit()
  }
}

/// The rows that a document's elements wait in: `["key", element]`.
private struct ElementFormat: RowFormat {
  private let format: any DocumentFormat

  init(_ format: any DocumentFormat) { self.format = format }

  func key(of image: LibraryImage) throws -> String { format.key(of: image) }

  func row(_ record: CaptionRecord, key: String, former: ArraySlice<UInt8>?) -> [UInt8]? {
    let element = format.element(record, former: former.flatMap { Self.element($0)?.value })
    return Self.row(element.key, element.value)
  }

  func read(_ row: UnsafeRawBufferPointer) throws -> RowContent? {
    guard let (key, value) = Self.element(Array(row)[...]), format.accepts(value, key: key) else {
      throw RowFault(problem: "is no element of a document of captions")
    }
    return RowContent(key: key, caption: format.caption(value).map { .caption($0) })
  }

  static func row(_ key: String, _ value: JSONValue) -> [UInt8] {
    Array((JSONValue.array([.string(key), value]).text(.oneLine) + "\n").utf8)
  }

  static func element(_ row: ArraySlice<UInt8>) -> (key: String, value: JSONValue)? {
    guard let pair = try? JSONValue(parsing: row, file: "").asArray, pair.count == 2,
      let key = pair[0].asString
    else { return nil }
    return (key, pair[1])
  }
}

// MARK: - Formats

/// COCO's results: `[{"image_id": 42, "caption": "a dog", "file_name": "val2014/COCO_val2014_000000000042.jpg"}, …]`. The id is
/// the number that the file's name is or ends with after a `_`, else the name without its extension, as nothing else is known.
package struct COCOResultsFormat: DocumentFormat {
  package init() {}

  package var brackets: (opening: String, closing: String) { ("[", "]") }

  package func key(of image: LibraryImage) -> String { image.name }

  package func element(_ record: CaptionRecord, former: JSONValue?) -> (key: String, value: JSONValue) {
    let name = record.image.name
    var object: JSONObject = [
      "image_id": Self.id(name), "caption": .string(record.captions.first?.text ?? ""),
      "file_name": .string(name),
    ]
    if let score = record.captions.first?.score { object["score"] = ScoreText.json(score) }
    return (name, .object(object))
  }

  static func id(_ name: String) -> JSONValue {
    let last = name.unicodeScalars.split(separator: "/").last.map { String(Substring($0)) } ?? name
    let stem = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    let tail = stem.split(separator: "_", omittingEmptySubsequences: false).last.map(String.init) ?? stem
    let isNumber =
      !tail.isEmpty && tail.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return isNumber ? Int(tail).map { .int($0) } ?? .string(stem) : .string(stem)
  }

  package func read(
    _ cursor: inout JSONCursor, _ body: (String, JSONValue) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try cursor.elements { (cursor) throws(JSONFault) in
      let value = try cursor.value()
      guard let key = Self.key(of: value) else {
        throw cursor.missing("caption", "a result has an image_id and a caption")
      }
      try body(key, value)
    }
  }

  package func accepts(_ value: JSONValue, key: String) -> Bool {
    Self.key(of: value)?.utf8.elementsEqual(key.utf8) == true
  }

  /// What a result calls its image; nil for what is none.
  private static func key(of value: JSONValue) -> String? {
    guard value["caption"]?.asString != nil, let id = value["image_id"] else { return nil }
    return value["file_name"]?.asString ?? id.text(.oneLine)
  }

  package func caption(_ value: JSONValue) -> String? { value["caption"]?.asString }

  package func text(key: String, _ value: JSONValue) -> String { value.text(.oneLine) }
}

/// The metadata that kohya's sd-scripts train from: `{"photos/a.jpg": {"caption": "a dog"}, …}`; tags and sizes that are there stay.
package struct KohyaFormat: DocumentFormat {
  package init() {}

  package var brackets: (opening: String, closing: String) { ("{", "}") }

  package func key(of image: LibraryImage) -> String { image.name }

  package func element(_ record: CaptionRecord, former: JSONValue?) -> (key: String, value: JSONValue) {
    var object = former?.asObject ?? [:]
    object["caption"] = .string(record.captions.first?.text ?? "")
    return (record.image.name, .object(object))
  }

  package func read(
    _ cursor: inout JSONCursor, _ body: (String, JSONValue) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try cursor.members { (cursor, key) throws(JSONFault) in
      guard cursor.peek() == UInt8(ascii: "{") else { throw cursor.mismatch("an object") }
      try body(key.string, cursor.value())
    }
  }

  package func accepts(_ value: JSONValue, key: String) -> Bool { value.asObject != nil }

  package func caption(_ value: JSONValue) -> String? { value["caption"]?.asString }

  package func text(key: String, _ value: JSONValue) -> String {
    "  \(JSONValue.string(key).text(.oneLine)): \(value.text(.oneLine))"
  }
}
