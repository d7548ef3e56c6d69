import Checkpoints
import Foundation
import Imaging

/// Writes pictures and a COCO captions file about them.
struct DemoWriter {
  struct Image {
    let id: Int
    let name: String
  }

  let folder: URL
  let size: Int
  private var images: [String] = []
  private var annotations: [String] = []
  private var imageID = 0
  private var captionID = 0

  init(folder: URL, size: Int) {
    self.folder = folder
    self.size = size
  }

  /// Draws a scene into `subfolder`.
  mutating func add(
    _ scene: Scene, to subfolder: String, using generator: inout SeededGenerator
  ) throws -> Image {
    imageID += 1
    let name = String(format: "%012d.png", imageID)
    let raster = SceneRaster(scene, size: size, using: &generator)
    let file = folder.appendingPathComponent(subfolder).appendingPathComponent(name)
    // Foundation would wait for the disk after each of thousands of files.
    var output = try GrowingFile(at: file)
    try output.truncate()
    try output.append(try PNGEncoder.encode(raster.image))
    images.append(
      #"{"file_name": "\#(name)", "height": \#(size), "width": \#(size), "id": \#(imageID)}"#)
    for caption in scene.captions {
      captionID += 1
      annotations.append(#"{"image_id": \#(imageID), "id": \#(captionID), "caption": "\#(caption)"}"#)
    }
    return Image(id: imageID, name: name)
  }

  /// Writes the annotations of what was added since the last time.
  mutating func finish(_ name: String) throws {
    let annotationFolder = folder.appendingPathComponent("annotations")
    try FolderMaker.make(annotationFolder)
    let text = """
      {"info": {"description": "Drawn scenes of coloured shapes"}, "licenses": [],
      "images": [
      \(images.joined(separator: ",\n"))
      ],
      "annotations": [
      \(annotations.joined(separator: ",\n"))
      ]}

      """
    try AtomicFile.write(Array(text.utf8), to: annotationFolder.appendingPathComponent(name))
    images = []
    annotations = []
  }
}
