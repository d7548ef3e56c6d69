import Foundation
import VignetteFiles

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
      throw folder.noAnnotations(
        of: .coco, expected: names.map { "annotations/\($0)" } + ["those of 2014"])
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
    // Beside a file of another name, they may lie in the folder itself.
    let imageFolder = folder.imageFolder(
      [part, "images/\(part)"] + (folder.annotations == nil ? [] : [""]))
    return try COCOAnnotations.read(
      file, imageFolder: imageFolder, needsFileNames: folder.needsFileNames)
  }
}

/// A COCO captions file: an object with the lists `images` and `annotations`.
///
/// The file is read once from front to back, in either order of the lists, and only the fields of a row are kept.
enum COCOAnnotations {
  static func read(_ url: URL, imageFolder: String, needsFileNames: Bool = true) throws -> AnnotationTable {
    let file = try MappedFile(at: url)
    // What the rows of COCO's own files take, whose fields are mostly not kept.
    try file.requireMemory(of: 3)
    return try file.withUnsafeBytes(0..<file.count) { bytes in
      var parser = Parser(path: url.path, imageFolder: imageFolder, needsFileNames: needsFileNames)
      do throws(JSONFault) {
        try parser.read(bytes)
      } catch {
        throw DatasetError.annotation(url.path, bytes: bytes, fault: error)
      }
      return try parser.finish()
    }
  }

  private struct Parser {
    private var table: AnnotationTable
    private let imageFolder: String
    private let needsFileNames: Bool
    private var positions: [ImageID: Int] = [:]
    /// Of each entry; the list of images may come later.
    private var entryImages: [ImageID] = []
    private var hasImages = false
    private var hasAnnotations = false

    init(path: String, imageFolder: String, needsFileNames: Bool) {
      table = AnnotationTable(path: path)
      self.needsFileNames = needsFileNames
      self.imageFolder = imageFolder
    }

    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
      var cursor = JSONCursor(bytes)
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "images":
          hasImages = true
          try cursor.elements { (cursor) throws(JSONFault) in try readImage(&cursor) }
        case "annotations":
          hasAnnotations = true
          try cursor.elements { (cursor) throws(JSONFault) in try readCaption(&cursor) }
        default: try cursor.skipValue()
        }
      }
      try cursor.expectEnd()
    }

    private mutating func readImage(_ cursor: inout JSONCursor) throws(JSONFault) {
      var id: ImageID?
      var (height, width): (Int?, Int?)
      var (fileName, cocoURL): (String?, String?)
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "id": id = try ImageID(&cursor)
        case "file_name": fileName = !needsFileNames && cursor.skipNull() ? nil : try cursor.string()
        case "height": height = cursor.skipNull() ? nil : try cursor.integer()
        case "width": width = cursor.skipNull() ? nil : try cursor.integer()
        case "coco_url": cocoURL = cursor.skipNull() ? nil : try cursor.string()
        default: try cursor.skipValue()
        }
      }
      guard let id else { throw cursor.missing("id", Self.isMissing) }
      // Scores need no files.
      let name = fileName ?? (needsFileNames ? nil : id.description)
      guard let image = name.flatMap({ ImagePath($0, in: imageFolder) }) else {
        throw cursor.missing("file_name", Self.isMissing)
      }
      guard positions[id] == nil else {
        table.issues.record(.repeatedImageID, "\(id) (\(image.name))")
        return
      }
      positions[id] = table.images.count
      table.images.append(
        CaptionedImage(
          id: id, fileName: image.name, path: image.path, height: height, width: width, cocoURL: cocoURL))
    }

    private mutating func readCaption(_ cursor: inout JSONCursor) throws(JSONFault) {
      var id: Int?
      var image: ImageID?
      var text: String?
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "id": id = try ReferenceCaption.id(&cursor)
        case "image_id": image = try ImageID(&cursor)
        case "caption": text = try cursor.string()
        default: try cursor.skipValue()
        }
      }
      guard let image, let text else {
        throw cursor.missing(image == nil ? "image_id" : "caption", Self.isMissing)
      }
      entryImages.append(image)
      table.entries.append(
        .init(image: 0, caption: ReferenceCaption(id: id ?? table.entries.count, text: text)))
    }

    private static let isMissing = "there is none, but it is needed"

    /// Joins the lists.
    func finish() throws -> AnnotationTable {
      guard hasImages else {
        throw DatasetError.annotation(
          table.path, .key("images"), "there is none; this is no COCO captions file")
      }
      var table = table
      table.hasCaptions = hasAnnotations
      var ids: Set<Int> = []
      ids.reserveCapacity(table.entries.count)
      var known = 0
      for index in table.entries.indices {
        var entry = table.entries[index]
        if !ids.insert(entry.caption.id).inserted {
          table.issues.record(.repeatedCaptionID, "\(entry.caption.id)")
        }
        guard let image = positions[entryImages[index]] else {
          table.issues.record(
            .captionOfUnknownImage, "caption \(entry.caption.id) of image \(entryImages[index])")
          continue
        }
        entry.image = image
        table.entries[known] = entry
        known += 1
      }
      table.entries.removeLast(table.entries.count - known)
      return table
    }
  }
}
