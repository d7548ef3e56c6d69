import Foundation
import VignetteFiles
import VignetteImages

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
  /// - Throws: `SystemError` or `MalformedFileError` for a file that can't be read.
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
