import Checkpoints
import Foundation

/// A COCO captions file: an object with the lists `images` and `annotations`.
///
/// The file is read once from front to back, in either order of the lists, and only the fields of a row are kept.
enum COCOAnnotations {
  static func read(_ url: URL, imageFolder: String) throws -> AnnotationTable {
    let file = try MappedFile(at: url)
    return try file.withUnsafeBytes(0..<file.count) { bytes in
      var parser = Parser(bytes, path: url.path, imageFolder: imageFolder)
      do throws(JSONScanner.Fault) {
        try parser.read()
      } catch {
        throw AnnotationError(url.path, bytes: bytes, key: parser.key, fault: error)
      }
      return try parser.finish()
    }
  }

  private struct Parser {
    /// What is being read, for errors.
    private(set) var key = ""

    private var scanner: JSONScanner
    private var table: AnnotationTable
    private let imageFolder: String
    private var positions: [Int: Int] = [:]
    private var hasImages = false
    private var hasAnnotations = false

    init(_ bytes: UnsafeRawBufferPointer, path: String, imageFolder: String) {
      scanner = JSONScanner(bytes)
      table = AnnotationTable(path: path)
      self.imageFolder = imageFolder
    }

    mutating func read() throws(JSONScanner.Fault) {
      var scanner = scanner
      try scanner.members { (scanner, key) throws(JSONScanner.Fault) in
        switch key {
        case "images":
          hasImages = true
          try readList("images", &scanner) { (parser, scanner) throws(JSONScanner.Fault) in
            try parser.readImage(&scanner)
          }
        case "annotations":
          hasAnnotations = true
          try readList("annotations", &scanner) { (parser, scanner) throws(JSONScanner.Fault) in
            try parser.readCaption(&scanner)
          }
        default: try scanner.skipValue()
        }
      }
      try scanner.expectEnd()
    }

    private mutating func readList(
      _ name: String, _ scanner: inout JSONScanner,
      _ read: (inout Parser, inout JSONScanner) throws(JSONScanner.Fault) -> Void
    ) throws(JSONScanner.Fault) {
      var index = 0
      key = name
      try scanner.elements { (scanner) throws(JSONScanner.Fault) in
        do throws(JSONScanner.Fault) {
          try read(&self, &scanner)
        } catch {
          key = key == name ? "\(name)[\(index)]" : "\(name)[\(index)].\(key)"
          throw error
        }
        key = name
        index += 1
      }
      key = ""
    }

    private mutating func readImage(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
      var (id, height, width): (Int?, Int?, Int?)
      var (fileName, cocoURL): (String?, String?)
      let list = key
      try scanner.members { (scanner, member) throws(JSONScanner.Fault) in
        switch member {
        case "id":
          key = "id"
          id = try scanner.integer()
        case "file_name":
          key = "file_name"
          fileName = try scanner.string()
        case "height":
          key = "height"
          height = scanner.skipNull() ? nil : try scanner.integer()
        case "width":
          key = "width"
          width = scanner.skipNull() ? nil : try scanner.integer()
        case "coco_url":
          key = "coco_url"
          cocoURL = scanner.skipNull() ? nil : try scanner.string()
        default: try scanner.skipValue()
        }
      }
      key = list
      guard let id, let fileName else { throw missing(id == nil ? "id" : "file_name", scanner) }
      guard positions[id] == nil else {
        table.issues.record(.repeatedImageID, "\(id) (\(fileName))")
        return
      }
      positions[id] = table.images.count
      table.images.append(
        CaptionedImage(
          id: id, fileName: fileName, path: "\(imageFolder)/\(fileName)", height: height, width: width,
          cocoURL: cocoURL))
    }

    // Until `finish`, an entry's image is the image's id: the list of images may come later.
    private mutating func readCaption(_ scanner: inout JSONScanner) throws(JSONScanner.Fault) {
      var (id, image): (Int?, Int?)
      var text: String?
      let list = key
      try scanner.members { (scanner, member) throws(JSONScanner.Fault) in
        switch member {
        case "id":
          key = "id"
          id = try scanner.integer()
        case "image_id":
          key = "image_id"
          image = try scanner.integer()
        case "caption":
          key = "caption"
          text = try scanner.string()
        default: try scanner.skipValue()
        }
      }
      key = list
      guard let image, let text else { throw missing(image == nil ? "image_id" : "caption", scanner) }
      table.entries.append(
        .init(image: image, caption: ReferenceCaption(id: id ?? table.entries.count, text: text)))
    }

    private mutating func missing(_ name: String, _ scanner: JSONScanner) -> JSONScanner.Fault {
      key = name
      return JSONScanner.Fault(
        position: scanner.position, problem: "there is none, but it is needed", isMismatch: true)
    }

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
