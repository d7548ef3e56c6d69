import Foundation
public import VignetteFiles
import VignetteImages

/// The folder that a demo is drawn into, in COCO's layout: `train2017/`, `val2017/`, `annotations/`, and `scenes.jsonl`,
/// which says what each image shows and so also which images are a demo's.
struct DemoFolder {
  let url: URL

  /// The parts of a demo, in their order.
  static let splits = [DatasetSplit.train, .validation]

  private var scenes: URL { url.appendingPathComponent("scenes.jsonl", isDirectory: false) }
  private var annotationFolder: URL { url.appendingPathComponent("annotations", isDirectory: true) }

  private static func name(of split: DatasetSplit) -> String { split == .train ? "train2017" : "val2017" }

  private func imageFolder(_ split: DatasetSplit) -> URL {
    url.appendingPathComponent(Self.name(of: split), isDirectory: true)
  }

  func file(of image: DemoImage) -> URL {
    imageFolder(image.split).appendingPathComponent(image.name, isDirectory: false)
  }

  func annotations(of split: DatasetSplit) -> URL {
    annotationFolder.appendingPathComponent("captions_\(Self.name(of: split)).json", isDirectory: false)
  }

  /// Whether a demo was drawn here.
  var exists: Bool { FileSystem.exists(scenes) }

  /// The images that `scenes.jsonl` lists.
  ///
  /// - Throws: `DatasetError` or `JSONError` for a line that is none of a demo's, `SystemError`.
  func images() throws -> [DemoImage] {
    var images: [DemoImage] = []
    try TextLines.forEachValue(in: scenes) { line, _ in images.append(try DemoImage(line)) }
    return images
  }

  /// Makes the folders, removes what an earlier demo left, and writes `scenes.jsonl`.
  ///
  /// - Throws: `DatasetError.otherDataset` for the first file that would be lost and isn't an earlier demo's, what the
  ///   file system refuses.
  func prepare(for images: [DemoImage]) throws {
    let earlier = try earlierImages().map(file)
    try refuseOtherAnnotations()
    try refuseOtherImages(images.map(file), earlier)
    for split in Self.splits { try FolderMaker.make(imageFolder(split)) }
    try FolderMaker.make(annotationFolder)
    for file in Self.splits.map(annotations) + earlier { try remove(file) }
    // Before the images, so that those of a drawing that is interrupted are known for a demo's.
    let lines = images.map { $0.json.text(.oneLine) + "\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: scenes)
  }

  private func earlierImages() throws -> [DemoImage] {
    guard exists else { return [] }
    do {
      return try images()
    } catch let error where error is DatasetError || error is JSONError {
      throw DatasetError.otherDataset(path: scenes.path)
    }
  }

  /// Also annotations of other names: a data set would no longer be found beside a demo.
  private func refuseOtherAnnotations() throws {
    guard FileSystem.isFolder(annotationFolder) else { return }
    let names = try FileName.list(annotationFolder.path).sorted()
    for name in names where name.hasSuffix(".json") {
      let file = annotationFolder.appendingPathComponent(name, isDirectory: false)
      guard try DemoWriter.hasWritten(file) else { throw DatasetError.otherDataset(path: file.path) }
    }
  }

  private func refuseOtherImages(_ files: [URL], _ earlier: [URL]) throws {
    let own = Set(earlier.map(\.path))
    var listing = FolderListing()
    for path in files.map(\.path) where !own.contains(path) {
      if try listing.contains(path) { throw DatasetError.otherDataset(path: path) }
    }
  }

  private func remove(_ file: URL) throws {
    guard FileSystem.unlink(file.path) || errno == ENOENT else { throw SystemError("remove", file.path) }
  }
}

/// An image of a demo.
struct DemoImage {
  /// Its number in both splits together, from one.
  let id: Int
  let split: DatasetSplit
  let scene: Scene

  /// What its file is called.
  var name: String { String(format: "%012d.png", id) }
}

extension DemoImage {
  /// Reads a line of `scenes.jsonl`.
  init(_ line: JSONField) throws {
    func object(_ field: JSONField) throws -> SceneObject {
      SceneObject(try field["colour"].value(), try field["shape"].value())
    }
    self.init(
      id: try line["image_id"].value(), split: try line["split"].value(),
      scene: Scene(try object(line["first"]), try line["relation"].value(), try object(line["second"])))
  }

  /// The line of `scenes.jsonl`.
  var json: JSONValue {
    func json(_ object: SceneObject) -> JSONValue {
      .object(
        JSONObject([("colour", .string(object.colour.rawValue)), ("shape", .string(object.shape.rawValue))]))
    }
    return .object(
      JSONObject([
        ("image_id", .int(id)), ("split", .string(split.rawValue)), ("file_name", .string(name)),
        ("first", json(scene.first)), ("relation", .string(scene.relation.rawValue)),
        ("second", json(scene.second)),
      ]))
  }
}

extension DatasetSplit: JSONReadable {}
extension SceneColour: JSONReadable {}
extension SceneShape: JSONReadable {}
extension SceneRelation: JSONReadable {}

/// Writes images and a COCO captions file about them.
struct DemoWriter {
  let folder: DemoFolder
  let size: Int
  private var images: [String] = []
  private var annotations: [String] = []
  private var captionID = 0

  /// What each captions file begins with, and no other's does.
  private static let opening = #"{"info": {"description": "Drawn scenes of coloured shapes"},"#

  init(folder: DemoFolder, size: Int) {
    self.folder = folder
    self.size = size
  }

  /// Whether a captions file is a demo's.
  ///
  /// - Throws: `SystemError` or `FileError` for a file that can't be read.
  static func hasWritten(_ annotations: URL) throws -> Bool {
    let file = try MappedFile(at: annotations)
    return file.withUnsafeBytes(0..<file.count) { $0.starts(with: opening.utf8) }
  }

  /// Draws an image.
  ///
  /// - Throws: what the file system refuses.
  mutating func add(_ image: DemoImage, using generator: inout SeededGenerator) throws {
    let raster = SceneRaster(image.scene, size: size, using: &generator)
    // Foundation would wait for the disk after each of thousands of files.
    var output = try GrowingFile(at: folder.file(of: image))
    try output.truncate()
    try output.append(try PNGEncoder.encode(raster.image))
    images.append(
      #"{"file_name": "\#(image.name)", "height": \#(size), "width": \#(size), "id": \#(image.id)}"#)
    for caption in image.scene.captions {
      captionID += 1
      annotations.append(
        #"{"image_id": \#(image.id), "id": \#(captionID), "caption": "\#(caption)"}"#)
    }
  }

  /// Writes the annotations of what was added since the last time.
  ///
  /// - Throws: `SystemError`.
  mutating func finish(_ split: DatasetSplit) throws {
    let text = """
      \(Self.opening) "licenses": [],
      "images": [
      \(images.joined(separator: ",\n"))
      ],
      "annotations": [
      \(annotations.joined(separator: ",\n"))
      ]}

      """
    try AtomicFile.write(Array(text.utf8), to: folder.annotations(of: split))
    images = []
    annotations = []
  }
}
