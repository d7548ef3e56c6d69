import Checkpoints
import Foundation
import JSON

extension DemoDataset {
  /// Draws the pictures and writes them into `folder` in COCO's layout: `train2017/`, `val2017/`, `annotations/`,
  /// and `scenes.jsonl`, which says what each picture shows.
  ///
  /// - Parameters:
  ///   - progress: Is told how many pictures there are so far.
  public func write(to folder: URL, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws {
    var writer = DemoWriter(folder: folder, size: options.imageSize)
    var lines = ""
    let total = options.trainScenes + options.validationScenes
    for (split, name) in [(DatasetSplit.train, "train2017"), (.validation, "val2017")] {
      try FolderMaker.make(folder.appendingPathComponent(name))
      var generator = SeededGenerator(seed: options.seed, split == .train ? 3 : 4)
      for scene in scenes(split) {
        let image = try writer.add(scene, to: name, using: &generator)
        lines += Self.line(scene, image, split).text(.oneLine) + "\n"
        progress(image.id, total)
      }
      try writer.finish("captions_\(name).json")
    }
    try AtomicFile.write(Array(lines.utf8), to: folder.appendingPathComponent("scenes.jsonl"))
  }

  /// The scenes of a split by the ids of their images, as a folder's `scenes.jsonl` has them.
  public static func scenes(in folder: URL, _ split: DatasetSplit) throws -> [Int: Scene] {
    var scenes: [Int: Scene] = [:]
    let url = folder.appendingPathComponent("scenes.jsonl")
    try TextLines.forEach(in: url) { text, number in
      let file = "\(url.path):\(number)"
      let line = JSONField(try JSONValue(parsing: text.utf8, file: file), file: file)
      guard try line["split"].value(as: String.self) == split.rawValue else { return }
      scenes[try line["image_id"].value()] = Scene(
        try object(line["first"]), try line["relation"].value(), try object(line["second"]))
    }
    return scenes
  }

  private static func object(_ field: JSONField) throws -> SceneObject {
    SceneObject(try field["colour"].value(), try field["shape"].value())
  }

  private static func line(_ scene: Scene, _ image: DemoWriter.Image, _ split: DatasetSplit) -> JSONValue {
    func object(_ object: SceneObject) -> JSONValue {
      .object(
        JSONObject([("colour", .string(object.colour.rawValue)), ("shape", .string(object.shape.rawValue))]))
    }
    return .object(
      JSONObject([
        ("image_id", .int(image.id)), ("split", .string(split.rawValue)), ("file_name", .string(image.name)),
        ("first", object(scene.first)), ("relation", .string(scene.relation.rawValue)),
        ("second", object(scene.second)),
      ]))
  }
}

extension SceneColour: JSONReadable {}
extension SceneShape: JSONReadable {}
extension SceneRelation: JSONReadable {}
