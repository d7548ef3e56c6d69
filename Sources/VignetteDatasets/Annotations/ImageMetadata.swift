import Foundation
import VignetteFiles

/// The rows of an imagefolder's `metadata.jsonl` or `metadata.csv`.
///
/// Captions are in `captions`, `caption`, `text` or `texts` (a string or a list of strings, in CSV a list as
/// JSON), or numbered: `caption_0`, `caption_1`, …
enum ImageMetadata {
  struct Row {
    /// The number of its first line in the file.
    let line: Int
    let fileName: String
    /// Where it is an integer, as a number or as a string.
    let imageID: Int?
    let split: RowSplit
    let captions: [String]
  }

  /// What a row says that it belongs to.
  enum RowSplit {
    case known(DatasetSplit)
    /// Its split has a name that none goes by.
    case unknown(String)
  }

  private static let captionKeys = ["captions", "caption", "text", "texts"]

  static func forEach(in url: URL, _ body: (Row) throws -> Void) throws {
    if url.pathExtension == "csv" {
      try forEachCSV(in: url, body)
    } else {
      try TextLines.forEachValue(in: url) { value, number in try body(try row(value, line: number)) }
    }
  }

  private static func row(_ field: JSONField, line: Int) throws -> Row {
    let name: String = try field["file_name"].value()
    return Row(
      line: line, fileName: name, imageID: imageID(try field["image_id"].optional()),
      split: split(named: try field["split"].optional(), fileName: name), captions: try captions(field))
  }

  private static func imageID(_ value: JSONValue?) -> Int? {
    switch value {
    case .int(let id): id
    case .string(let text): Int(text)
    default: nil
    }
  }

  private static func captions(_ field: JSONField) throws -> [String] {
    for key in captionKeys where field[key].isPresent {
      let value: JSONValue = try field[key].value()
      switch value {
      case .string(let caption): return [caption]
      case .array: return try field[key].value()
      default: throw field[key].mismatch(expected: "a caption or a list of captions")
      }
    }
    let numbered = try field.members().filter { isNumberedCaption($0.name) && $0.field.isPresent }
    return try numbered.map { try $0.field.value() }
  }

  private static func forEachCSV(in url: URL, _ body: (Row) throws -> Void) throws {
    var columns: [String] = []
    try CSVRecords.forEach(in: url) { fields, line in
      if columns.isEmpty {
        columns = fields.map { $0.trimmingCharacters(in: .whitespaces) }
        try check(columns, url)
        return
      }
      guard fields.count == columns.count else {
        throw AnnotationError(
          url.path, .line(line, column: nil),
          "expected \(columns.count) fields as in the header, found \(fields.count); quote fields with commas"
        )
      }
      let values = Dictionary(zip(columns, fields)) { first, _ in first }
      let name = values["file_name"] ?? ""
      try body(
        Row(
          line: line, fileName: name, imageID: values["image_id"].flatMap { Int($0) },
          split: split(named: values["split"], fileName: name),
          captions: captions(columns, fields, file: "\(url.path):\(line)")))
    }
  }

  private static func check(_ columns: [String], _ url: URL) throws {
    let hasCaption = columns.contains { captionKeys.contains($0) || isNumberedCaption($0) }
    guard columns.contains("file_name"), hasCaption else {
      throw AnnotationError(
        url.path, .line(1, column: nil),
        "expected the columns file_name and caption (or text), found \(columns.joined(separator: ", "))")
    }
  }

  private static func captions(_ columns: [String], _ fields: [String], file: String) -> [String] {
    for key in captionKeys {
      guard let column = columns.firstIndex(of: key) else { continue }
      let text = fields[column]
      let isList = text.hasPrefix("[") && text.hasSuffix("]")
      let list = isList ? try? JSONField(JSONValue(parsing: text.utf8, file: file), file: file) : nil
      return (try? list?.value()) ?? [text]
    }
    return zip(columns, fields).filter { isNumberedCaption($0.0) }.map(\.1)
  }

  private static func isNumberedCaption(_ name: String) -> Bool {
    ["caption_", "text_"].contains { name.hasPrefix($0) && Int(name.dropFirst($0.count)) != nil }
  }

  private static func split(named name: String?, fileName: String) -> RowSplit {
    let name = name?.trimmingCharacters(in: .whitespaces) ?? ""
    if !name.isEmpty { return DatasetSplit(name: name).map(RowSplit.known) ?? .unknown(name) }
    let parts = ImagePath.parts(of: fileName)
    guard let folder = parts.first, parts.count > 1, !ImagePath.isAbsolute(fileName) else {
      return .known(.train)
    }
    return .known(DatasetSplit(name: folder) ?? .train)
  }
}
