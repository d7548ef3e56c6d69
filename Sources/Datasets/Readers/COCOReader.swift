import Foundation

/// COCO's caption annotations, as the official zips of 2017 and 2014 unpack: `annotations/captions_train2017.json`,
/// `annotations/image_info_test2017.json`, and the pictures in `train2017/`, `val2017/`, `test2017/`.
struct COCOReader: AnnotationReader {
  private let folder: DatasetFolder
  private let files: [DatasetSplit: URL]

  init(_ folder: DatasetFolder) throws {
    self.folder = folder
    if let file = folder.annotations {
      // A COCO file holds one split and doesn't say which.
      files = Dictionary(uniqueKeysWithValues: DatasetSplit.allCases.map { ($0, file) })
      return
    }
    var expected: [String] = []
    for year in ["2017", "2014"] {
      let names = [
        DatasetSplit.train: "captions_train\(year).json", .validation: "captions_val\(year).json",
        .test: "image_info_test\(year).json",
      ]
      let found = names.compactMapValues { folder.file(["annotations/\($0)", $0]) }
      if !found.isEmpty {
        files = found
        return
      }
      expected.append("annotations/captions_train\(year).json")
    }
    throw DatasetError.noAnnotations(.coco, folder: folder.url.path, expected: expected)
  }

  var splits: Set<DatasetSplit> { Set(files.keys) }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    guard let file = files[split] else { throw DatasetError.noSplit(split, .coco, available: Array(splits)) }
    // captions_val2017.json is about the pictures in val2017/.
    let part = String(file.deletingPathExtension().lastPathComponent.split(separator: "_").last ?? "")
    let imageFolder = folder.imageFolder([part, "images/\(part)"])
    return try COCOAnnotations.read(file, imageFolder: imageFolder)
  }
}
