import Checkpoints
import Foundation

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
    return try file.withUnsafeBytes(0..<file.count) { bytes in
      var parser = Parser(table: AnnotationTable(path: annotations.path), split: split, folder: folder)
      do throws(JSONScanner.Fault) {
        try parser.read(bytes)
      } catch {
        throw AnnotationError(annotations.path, bytes: bytes, key: parser.key, fault: error)
      }
      return parser.table
    }
  }

  private struct Parser {
    private(set) var table: AnnotationTable
    /// What is being read, for errors.
    private(set) var key = ""

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

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONScanner.Fault) {
      var scanner = JSONScanner(bytes)
      try scanner.members { (scanner, member) throws(JSONScanner.Fault) in
        guard "images" ~= member else { return try scanner.skipValue() }
        hasImages = true
        try scanner.elements { (scanner) throws(JSONScanner.Fault) in
          try readImage(&scanner)
          index += 1
        }
        key = ""
      }
      try scanner.expectEnd()
      if !hasImages { throw missing("images", scanner) }
    }

    private mutating func readImage(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
      var (name, filePath, splitName): (String?, String?, String?)
      var (imageID, cocoID): (Int?, Int?)
      var captions: [ReferenceCaption] = []
      let place = "images[\(index)]"
      key = place
      try scanner.members { (scanner, member) throws(JSONScanner.Fault) in
        switch member {
        case "filename":
          key = "\(place).filename"
          name = try scanner.string()
        case "filepath":
          key = "\(place).filepath"
          filePath = try scanner.string()
        case "split":
          key = "\(place).split"
          splitName = try scanner.string()
        case "imgid":
          key = "\(place).imgid"
          imageID = try scanner.integer()
        case "cocoid":
          key = "\(place).cocoid"
          cocoID = try scanner.integer()
        case "sentences":
          key = "\(place).sentences"
          try scanner.elements { (scanner) throws(JSONScanner.Fault) in
            captions.append(try readSentence(&scanner, "\(place).sentences[\(captions.count)]"))
          }
        default: try scanner.skipValue()
        }
        key = place
      }
      guard let name else { throw missing("\(place).filename", scanner) }
      guard let splitName, let itsSplit = DatasetSplit(name: splitName) else {
        throw missing("\(place).split", scanner)
      }
      guard itsSplit == split else { return }
      for caption in captions { table.entries.append(.init(image: table.images.count, caption: caption)) }
      table.images.append(
        CaptionedImage(
          id: cocoID ?? imageID ?? index, fileName: name, path: "\(imageFolder(filePath))/\(name)"))
    }

    private mutating func readSentence(
      _ scanner: inout JSONScanner, _ place: String
    ) throws(JSONScanner.Fault) -> ReferenceCaption {
      var text: String?
      var id: Int?
      key = place
      try scanner.members { (scanner, member) throws(JSONScanner.Fault) in
        switch member {
        case "raw":
          key = "\(place).raw"
          text = try scanner.string()
        case "sentid":
          key = "\(place).sentid"
          id = try scanner.integer()
        default: try scanner.skipValue()
        }
      }
      guard let text else { throw missing("\(place).raw", scanner) }
      return ReferenceCaption(id: id ?? table.entries.count, text: text)
    }

    private mutating func imageFolder(_ filePath: String?) -> String {
      guard let filePath else { return defaultFolder }
      if let known = folders[filePath] { return known }
      let found = folder.imageFolder([filePath, "images/\(filePath)"])
      folders[filePath] = found
      return found
    }

    private mutating func missing(_ place: String, _ scanner: JSONScanner) -> JSONScanner.Fault {
      key = place
      return JSONScanner.Fault(
        position: scanner.position, problem: "there is none of use, but it is needed", isMismatch: true)
    }
  }
}
