import Foundation
import VignetteFiles

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
  var exists: Bool { FileManager.default.fileExists(atPath: scenes.path) }

  /// The images that `scenes.jsonl` lists.
  ///
  /// - Throws: `AnnotationError` or `JSONFieldError` for a line that is none of a demo's, `SystemError`.
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
    } catch let error where error is AnnotationError || error is JSONFieldError {
      throw DatasetError.otherDataset(path: scenes.path)
    }
  }

  /// Also annotations of other names: a data set would no longer be found beside a demo.
  private func refuseOtherAnnotations() throws {
    guard DatasetFolder.isFolder(annotationFolder) else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: annotationFolder.path).sorted()
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
    guard unlink(file.path) == 0 || errno == ENOENT else { throw SystemError("remove", file.path) }
  }
}
