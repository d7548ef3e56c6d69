import Foundation

/// COCO's caption annotations, as the official zips of 2017 and 2014 unpack: `annotations/captions_train2017.json`,
/// `annotations/image_info_test2017.json`, and the images in `train2017/`, `val2017/`, `test2017/`.
struct COCOReader: AnnotationReader {
  private let folder: DatasetFolder
  private let files: [DatasetSplit: URL]

  /// What a split's file may be called, the preferred one first.
  private static let names: [DatasetSplit: [String]] = [
    .train: [train2017, "captions_train2014.json"],
    .validation: ["captions_val2017.json", validation2014],
    .test: ["image_info_test2017.json", "image_info_test2014.json"],
  ]
  private static let train2017 = "captions_train2017.json"
  private static let validation2014 = "captions_val2014.json"

  /// - Throws: `DatasetError.noAnnotations`.
  init(_ folder: DatasetFolder) throws {
    self.folder = folder
    if let file = folder.annotations {
      // A COCO file holds one split and doesn't say which.
      files = Dictionary(uniqueKeysWithValues: DatasetSplit.allCases.map { ($0, file) })
      return
    }
    var found = Self.names.compactMapValues { names in
      folder.file(names.flatMap { ["annotations/\($0)", $0] })
    }
    guard !found.isEmpty else {
      let names = DatasetSplit.allCases.compactMap { Self.names[$0]?.first }
      throw DatasetError.noAnnotations(
        .coco, folder: folder.url.path, expected: names.map { "annotations/\($0)" } + ["those of 2014"])
    }
    // Most images that 2014 validates on, 2017 trains on.
    if found[.train]?.lastPathComponent == Self.train2017,
      found[.validation]?.lastPathComponent == Self.validation2014
    {
      found[.validation] = nil
    }
    files = found
  }

  var splits: Set<DatasetSplit> { Set(files.keys) }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    guard let file = files[split] else { throw DatasetError.noSplit(split, .coco, available: Array(splits)) }
    // captions_val2017.json is about the images in val2017/.
    let part = String(file.deletingPathExtension().lastPathComponent.split(separator: "_").last ?? "")
    let imageFolder = folder.imageFolder([part, "images/\(part)"])
    return try COCOAnnotations.read(file, imageFolder: imageFolder)
  }
}
