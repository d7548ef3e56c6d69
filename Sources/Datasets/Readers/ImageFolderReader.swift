import Foundation

/// A folder of one's own, after the convention of Hugging Face's imagefolder: pictures, and a `metadata.jsonl` or
/// `metadata.csv` with their `file_name` and caption, in the folder itself or in `train/`, `validation/`, `test/`.
///
/// An `image_id` counts where it is an integer; where an image would share its number with another one, as may be where
/// only some rows have one, all images are numbered by their places instead.
///
/// A row of a metadata file in the folder itself belongs to the split that its `split` column names, else to the
/// one that its file lies in, else to training.
struct ImageFolderReader: AnnotationReader {
  private struct Part {
    let split: DatasetSplit?
    let folder: URL
    let metadata: URL
  }

  private let parts: [Part]
  let splits: Set<DatasetSplit>

  private static let names = ["metadata.jsonl", "metadata.csv"]

  init(_ folder: DatasetFolder) throws {
    var parts: [Part] = []
    if let file = folder.annotations ?? folder.file(Self.names) {
      parts.append(Part(split: nil, folder: file.deletingLastPathComponent(), metadata: file))
    }
    if folder.annotations == nil { parts += try Self.subfolders(folder.url) }
    guard !parts.isEmpty else {
      throw DatasetError.noAnnotations(
        .imagefolder, folder: folder.url.path, expected: Self.names + ["train/metadata.jsonl"])
    }
    self.parts = parts
    splits = try Set(parts.flatMap { part in try part.split.map { [$0] } ?? Self.splits(of: part) })
  }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    let parts = parts.filter { $0.split == nil || $0.split == split }
    var tables: [AnnotationTable] = []
    for part in parts {
      var builder = AnnotationTable.Builder(path: part.metadata.path, imageFolder: part.folder.path)
      try ImageMetadata.forEach(in: part.metadata) { row in
        guard (part.split ?? row.split) == split else { return }
        builder.position(of: row.fileName, id: row.imageID)
        for caption in row.captions { builder.add(caption, to: row.fileName) }
      }
      tables.append(builder.table)
    }
    return AnnotationTable(joining: tables).distinctlyNumbered()
  }

  private static func subfolders(_ folder: URL) throws -> [Part] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return names.compactMap { name in
      let subfolder = folder.appendingPathComponent(name)
      let files = Self.names.map(subfolder.appendingPathComponent)
      guard let split = DatasetSplit(name: name),
        let metadata = files.first(where: { FileManager.default.fileExists(atPath: $0.path) })
      else { return nil }
      return Part(split: split, folder: subfolder, metadata: metadata)
    }
  }

  private static func splits(of part: Part) throws -> Set<DatasetSplit> {
    var splits: Set<DatasetSplit> = []
    try ImageMetadata.forEach(in: part.metadata) { splits.insert($0.split) }
    return splits
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
