import Foundation
import VignetteCheckpoints
import VignetteFiles

/// COCO's results format.
enum COCOResults {
  static func read(_ url: URL) throws -> [(image: Int, caption: String)] {
    try JSONField(contentsOf: url).elements().map { (try $0["image_id"].value(), try $0["caption"].value()) }
  }

  static func write(_ results: [(image: Int, caption: String)], to url: URL) throws {
    let list = JSONValue.array(
      results.map { .object(JSONObject([("image_id", .int($0.image)), ("caption", .string($0.caption))])) })
    try list.write(to: url, .oneLine)
  }
}
