import Foundation
import VignetteFiles

/// Karpathy's split of COCO, Flickr8k or Flickr30k: `dataset_coco.json` and its like, a list of images that each
/// hold their split and their sentences. COCO's "restval" counts as training, as everyone uses it.
struct KarpathyReader: AnnotationReader {
  private let annotations: URL
  private let folder: DatasetFolder

  private static let imageFolders = [
    "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset", "flickr30k-images", "flickr30k_images",
    "flickr30k_images/flickr30k_images", "",
  ]

  init(_ folder: DatasetFolder) throws {
    self.folder = folder
    annotations = try folder.annotationFile(
      ["dataset_coco.json", "dataset_flickr8k.json", "dataset_flickr30k.json", "dataset.json"], of: .karpathy)
  }

  var splits: Set<DatasetSplit> { [.train, .validation, .test] }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    let file = try MappedFile(at: annotations)
    try file.requireMemory(of: 3)
    return try file.withUnsafeBytes(0..<file.count) { bytes in
      var parser = Parser(table: AnnotationTable(path: annotations.path), split: split, folder: folder)
      do throws(JSONFault) {
        try parser.read(bytes)
      } catch {
        throw DatasetError.annotation(annotations.path, bytes: bytes, fault: error)
      }
      return parser.table
    }
  }

  private struct Parser {
    private(set) var table: AnnotationTable

    private let split: DatasetSplit
    private let folder: DatasetFolder
    private let defaultFolder: String
    private var folders: [String: String] = [:]
    private var index = 0
    private var hasImages = false

    init(table: AnnotationTable, split: DatasetSplit, folder: DatasetFolder) {
      self.table = table
      self.split = split
      self.folder = folder
      defaultFolder = folder.imageFolder(KarpathyReader.imageFolders)
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
      var cursor = JSONCursor(bytes)
      try cursor.members { (cursor, key) throws(JSONFault) in
        guard "images" ~= key else { return try cursor.skipValue() }
        hasImages = true
        try cursor.elements { (cursor) throws(JSONFault) in
          try readImage(&cursor)
          index += 1
        }
      }
      try cursor.expectEnd()
      if !hasImages { throw cursor.missing("images", Self.isMissing) }
    }

    private mutating func readImage(_ cursor: inout JSONCursor) throws(JSONFault) {
      var (name, filePath, splitName): (String?, String?, String?)
      var (imageID, cocoID): (ImageID?, ImageID?)
      var captions: [ReferenceCaption] = []
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "filename": name = try cursor.string()
        case "filepath": filePath = try cursor.string()
        case "split": splitName = try cursor.string()
        case "imgid": imageID = try ImageID(&cursor)
        case "cocoid": cocoID = try ImageID(&cursor)
        case "sentences":
          try cursor.elements { (cursor) throws(JSONFault) in captions.append(try readSentence(&cursor)) }
        default: try cursor.skipValue()
        }
      }
      let folder = imageFolder(filePath)
      guard let image = name.flatMap({ ImagePath($0, in: folder) }) else {
        throw cursor.missing("filename", Self.isMissing)
      }
      guard let splitName, let itsSplit = DatasetSplit(name: splitName) else {
        throw cursor.missing("split", Self.isMissing)
      }
      guard itsSplit == split else { return }
      for caption in captions { table.entries.append(.init(image: table.images.count, caption: caption)) }
      table.images.append(
        CaptionedImage(id: cocoID ?? imageID ?? ImageID(index), fileName: image.name, path: image.path))
    }

    private mutating func readSentence(_ cursor: inout JSONCursor) throws(JSONFault) -> ReferenceCaption {
      var text: String?
      var id: Int?
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "raw": text = try cursor.string()
        case "sentid": id = try ReferenceCaption.id(&cursor)
        default: try cursor.skipValue()
        }
      }
      guard let text else { throw cursor.missing("raw", Self.isMissing) }
      return ReferenceCaption(id: id ?? table.entries.count, text: text)
    }

    private static let isMissing = "there is none of use, but it is needed"

    private mutating func imageFolder(_ filePath: String?) -> String {
      guard let filePath else { return defaultFolder }
      if let known = folders[filePath] { return known }
      let found = folder.imageFolder([filePath, "images/\(filePath)"])
      folders[filePath] = found
      return found
    }
  }
}
