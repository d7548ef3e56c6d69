import Foundation
import VignetteFiles

/// A folder of one's own, after the convention of Hugging Face's imagefolder: images, and a `metadata.jsonl` or
/// `metadata.csv` with their `file_name` and caption, in the folder itself or in `train/`, `validation/`, `test/`.
///
/// An `image_id` counts where it is an integer; where an image would share its number with another one, as may be where
/// only some rows have one, all images are numbered by their indices instead.
///
/// A row of a metadata file in the folder itself belongs to the split that its `split` column names, else to the
/// one that its file lies in, else to training. A row that names a split of another name is left out.
struct ImageFolderReader: AnnotationReader {
  private struct Part {
    /// What all of its rows belong to; nil where each says it.
    let split: DatasetSplit?
    let metadata: URL
    /// Lies beside `metadata` and isn't read.
    let ignoredFile: URL?
  }

  private let parts: [Part]
  let splits: Set<DatasetSplit>

  private static let names = ["metadata.jsonl", "metadata.csv"]

  /// - Throws: `DatasetError.noAnnotations`, `DatasetError` where no row belongs to a split, what reading throws.
  init(_ folder: DatasetFolder) throws {
    if let file = folder.annotations {
      parts = [Part(split: nil, metadata: file, ignoredFile: nil)]
    } else {
      parts = try [Self.part(folder.url, nil)].compactMap(\.self) + Self.subfolders(folder.url)
    }
    guard let first = parts.first else {
      throw folder.noAnnotations(of: .imagefolder, expected: Self.names + ["train/metadata.jsonl"])
    }
    splits = Set(try parts.flatMap { try Self.splits(of: $0) })
    // The folders of splits have one each.
    if splits.isEmpty { throw try Self.emptiness(of: first.metadata) }
  }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    let tables = try parts.filter { $0.split == nil || $0.split == split }.map { try table($0, split) }
    return AnnotationTable(joining: tables).distinctlyNumbered()
  }

  private func table(_ part: Part, _ split: DatasetSplit) throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(
      path: part.metadata.path, imageFolder: part.metadata.deletingLastPathComponent().path)
    if let file = part.ignoredFile { builder.record(.ignoredFile, file.path) }
    try ImageMetadata.forEach(in: part.metadata) { row in
      switch part.split.map(ImageMetadata.RowSplit.known) ?? row.split {
      case .known(let itsSplit) where itsSplit == split:
        try builder.position(of: row.fileName, id: row.imageID, line: row.line)
        for caption in row.captions { try builder.add(caption, to: row.fileName, line: row.line) }
      case .known: break
      case .unknown(let name): builder.record(.unknownSplit, name)
      }
    }
    return builder.table
  }

  private static func subfolders(_ folder: URL) throws -> [Part] {
    let names = try FileName.list(folder.path).sorted()
    return names.compactMap { name in
      DatasetSplit(name: name).flatMap { part(folder.appendingPathComponent(name), $0) }
    }
  }

  /// The metadata of a folder; nil where it has none.
  private static func part(_ folder: URL, _ split: DatasetSplit?) -> Part? {
    let files = names.map(folder.appendingPathComponent)
      .filter { FileSystem.exists($0) }
    return files.first.map { Part(split: split, metadata: $0, ignoredFile: files.dropFirst().first) }
  }

  private static func splits(of part: Part) throws -> Set<DatasetSplit> {
    if let split = part.split { return [split] }
    var splits: Set<DatasetSplit> = []
    try ImageMetadata.forEach(in: part.metadata) { row in
      if case .known(let split) = row.split { splits.insert(split) }
    }
    return splits
  }

  /// Why no row belongs to a split.
  private static func emptiness(of metadata: URL) throws -> DatasetError {
    var issues = DatasetIssues()
    try ImageMetadata.forEach(in: metadata) { row in
      if case .unknown(let name) = row.split { issues.record(.unknownSplit, name) }
    }
    guard !issues.isEmpty else {
      return DatasetError.annotation(
        metadata.path, .wholeFile, "it holds no rows; a row names an image file and its captions")
    }
    return DatasetError.annotation(
      metadata.path, .wholeFile, "no row is of use: \(issues.notes.joined(separator: "; "))")
  }
}

extension AnnotationTable {
  /// One table after the other.
  init(joining tables: [AnnotationTable]) {
    self.init(path: tables.map(\.path).joined(separator: ", "))
    for table in tables {
      let offset = images.count
      images += table.images
      entries += table.entries.map { Entry(image: $0.image + offset, caption: $0.caption) }
      issues.add(table.issues)
    }
  }

  /// The same with a number of its own for each image.
  func distinctlyNumbered() -> AnnotationTable {
    guard Set(images.map(\.id)).count < images.count else { return self }
    var numbered = self
    for (index, image) in images.enumerated() {
      numbered.images[index] = CaptionedImage(id: ImageID(index), fileName: image.fileName, path: image.path)
    }
    return numbered
  }
}

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
    try CSVRecords.forEach(in: url) { record in
      let (fields, line) = (record.fields, record.line)
      if columns.isEmpty {
        columns = fields.map { $0.trimmed(.whitespaces) }
        try check(columns, record, url)
        return
      }
      guard record.fieldCount == columns.count else {
        throw DatasetError.annotation(
          url.path, line: line,
          "expected \(columns.count) fields as in the header, found \(record.fieldCount); quote fields with commas"
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

  private static func check(_ columns: [String], _ header: CSVRecord, _ url: URL) throws {
    guard header.fieldCount <= CSVRecord.maximumFields else {
      throw DatasetError.annotation(
        url.path, line: header.line,
        "\(header.fieldCount) columns are more than a table of images has (\(CSVRecord.maximumFields))")
    }
    let hasCaption = columns.contains { captionKeys.contains($0) || isNumberedCaption($0) }
    guard columns.contains("file_name"), hasCaption else {
      let found = Excerpt(columns.prefix(100).map { "\(Excerpt($0))" }.joined(separator: ", "))
      throw DatasetError.annotation(
        url.path, line: header.line,
        "expected the columns file_name and caption (or text), found \(found)")
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
    let name = name?.trimmed(.whitespaces) ?? ""
    if !name.isEmpty { return DatasetSplit(name: name).map(RowSplit.known) ?? .unknown(name) }
    let parts = ImagePath.parts(of: fileName)
    guard let folder = parts.first, parts.count > 1, !ImagePath.isAbsolute(fileName) else {
      return .known(.train)
    }
    return .known(DatasetSplit(name: folder) ?? .train)
  }
}
