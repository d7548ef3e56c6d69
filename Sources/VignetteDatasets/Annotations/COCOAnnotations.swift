import Foundation
import VignetteFiles

/// A COCO captions file: an object with the lists `images` and `annotations`.
///
/// The file is read once from front to back, in either order of the lists, and only the fields of a row are kept.
enum COCOAnnotations {
  static func read(_ url: URL, imageFolder: String) throws -> AnnotationTable {
    let file = try MappedFile(at: url)
    return try file.withUnsafeBytes(0..<file.count) { bytes in
      var parser = Parser(path: url.path, imageFolder: imageFolder)
      do throws(JSONFault) {
        try parser.read(bytes)
      } catch {
        throw AnnotationError(url.path, bytes: bytes, fault: error)
      }
      return try parser.finish()
    }
  }

  private struct Parser {
    private var table: AnnotationTable
    private let imageFolder: String
    private var positions: [Int: Int] = [:]
    private var hasImages = false
    private var hasAnnotations = false

    init(path: String, imageFolder: String) {
      table = AnnotationTable(path: path)
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
      var (id, height, width): (Int?, Int?, Int?)
      var (fileName, cocoURL): (String?, String?)
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "id": id = try cursor.integer()
        case "file_name": fileName = try cursor.string()
        case "height": height = cursor.skipNull() ? nil : try cursor.integer()
        case "width": width = cursor.skipNull() ? nil : try cursor.integer()
        case "coco_url": cocoURL = cursor.skipNull() ? nil : try cursor.string()
        default: try cursor.skipValue()
        }
      }
      guard let id, let image = fileName.flatMap({ ImagePath($0, in: imageFolder) }) else {
        throw cursor.missing(id == nil ? "id" : "file_name", Self.isMissing)
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

    // Until `finish`, an entry's image is the image's id: the list of images may come later.
    private mutating func readCaption(_ cursor: inout JSONCursor) throws(JSONFault) {
      var (id, image): (Int?, Int?)
      var text: String?
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "id": id = try cursor.integer()
        case "image_id": image = try cursor.integer()
        case "caption": text = try cursor.string()
        default: try cursor.skipValue()
        }
      }
      guard let image, let text else {
        throw cursor.missing(image == nil ? "image_id" : "caption", Self.isMissing)
      }
      table.entries.append(
        .init(image: image, caption: ReferenceCaption(id: id ?? table.entries.count, text: text)))
    }

    private static let isMissing = "there is none, but it is needed"

    /// Joins the lists.
    func finish() throws -> AnnotationTable {
      guard hasImages else {
        throw AnnotationError(table.path, .key("images"), "there is none; this is no COCO captions file")
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
        guard let image = positions[entry.image] else {
          table.issues.record(
            .captionOfUnknownImage, "caption \(entry.caption.id) of image \(entry.image)")
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
