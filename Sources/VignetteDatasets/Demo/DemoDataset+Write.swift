public import Foundation

extension DemoDataset {
  /// Draws the images and writes them into `folder` in COCO's layout: `train2017/`, `val2017/`, `annotations/`,
  /// and `scenes.jsonl`, which says what each image shows. An earlier demo that is there is removed.
  ///
  /// - Parameters:
  ///   - progress: Is told how many images there are so far.
  /// - Throws: `DatasetError.otherDataset` where files of another data set would be lost, what the file system refuses.
  public func write(to folder: URL, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws {
    let folder = DemoFolder(url: folder)
    let images = images
    try folder.prepare(for: images)
    var writer = DemoWriter(folder: folder, size: options.imageSize)
    for split in DemoFolder.splits {
      var generator = SeededGenerator(seed: options.seed, split == .train ? 3 : 4)
      for image in images where image.split == split {
        try writer.add(image, using: &generator)
        progress(image.id, images.count)
      }
      try writer.finish(split)
    }
  }

  private var images: [DemoImage] {
    let shown = DemoFolder.splits.flatMap { split in scenes(split).map { (split: split, scene: $0) } }
    return shown.enumerated().map { DemoImage(id: $0 + 1, split: $1.split, scene: $1.scene) }
  }

  /// The scenes of a split by the ids of their images, as a folder's `scenes.jsonl` has them; nil where no demo was drawn.
  ///
  /// - Throws: `AnnotationError` or `JSONFieldError` for a line that is none of a demo's, `SystemError`.
  public static func scenes(in folder: URL, _ split: DatasetSplit) throws -> [Int: Scene]? {
    let demo = DemoFolder(url: folder)
    guard demo.exists else { return nil }
    let images = try demo.images().filter { $0.split == split }
    return Dictionary(images.map { ($0.id, $0.scene) }) { $1 }
  }
}
