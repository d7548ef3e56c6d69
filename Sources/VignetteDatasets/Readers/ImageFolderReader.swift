import Foundation

/// A folder of one's own, after the convention of Hugging Face's imagefolder: images, and a `metadata.jsonl` or
/// `metadata.csv` with their `file_name` and caption, in the folder itself or in `train/`, `validation/`, `test/`.
///
/// An `image_id` counts where it is an integer; where an image would share its number with another one, as may be where
/// only some rows have one, all images are numbered by their places instead.
///
/// A row of a metadata file in the folder itself belongs to the split that its `split` column names, else to the
/// one that its file lies in, else to training. A row that names a split of another name is left out.
struct ImageFolderReader: AnnotationReader {
  private struct Part {
    /// What all of its rows belong to; nil where each says it.
    let split: DatasetSplit?
    let metadata: URL
    /// Lies beside `metadata` and isn't read.
    let passedOver: URL?
  }

  private let parts: [Part]
  let splits: Set<DatasetSplit>

  private static let names = ["metadata.jsonl", "metadata.csv"]

  /// - Throws: `DatasetError.noAnnotations`, `AnnotationError` where no row belongs to a split, what reading throws.
  init(_ folder: DatasetFolder) throws {
    if let file = folder.annotations {
      parts = [Part(split: nil, metadata: file, passedOver: nil)]
    } else {
      parts = try [Self.part(folder.url, nil)].compactMap(\.self) + Self.subfolders(folder.url)
    }
    guard let first = parts.first else {
      throw DatasetError.noAnnotations(
        .imagefolder, folder: folder.url.path, expected: Self.names + ["train/metadata.jsonl"])
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
    if let file = part.passedOver { builder.record(.passedOverFile, file.path) }
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
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return names.compactMap { name in
      DatasetSplit(name: name).flatMap { part(folder.appendingPathComponent(name), $0) }
    }
  }

  /// The metadata of a folder; nil where it has none.
  private static func part(_ folder: URL, _ split: DatasetSplit?) -> Part? {
    let files = names.map(folder.appendingPathComponent)
      .filter { FileManager.default.fileExists(atPath: $0.path) }
    return files.first.map { Part(split: split, metadata: $0, passedOver: files.dropFirst().first) }
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
  private static func emptiness(of metadata: URL) throws -> AnnotationError {
    var issues = DatasetIssues()
    try ImageMetadata.forEach(in: metadata) { row in
      if case .unknown(let name) = row.split { issues.record(.unknownSplit, name) }
    }
    guard !issues.isEmpty else {
      return AnnotationError(
        metadata.path, .wholeFile, "it holds no rows; a row names an image file and its captions")
    }
    return AnnotationError(
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
    for (place, image) in images.enumerated() {
      numbered.images[place] = CaptionedImage(id: place, fileName: image.fileName, path: image.path)
    }
    return numbered
  }
}
