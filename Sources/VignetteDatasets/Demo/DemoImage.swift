import Foundation
public import VignetteFiles

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
