package import Foundation
import VignetteFiles

/// COCO's results format: a list of images' ids and captions.
package enum COCOResults {
  package static func read(_ url: URL) throws -> [(image: ImageID, caption: String)] {
    try JSONField(contentsOf: url).elements().map { (try $0["image_id"].value(), try $0["caption"].value()) }
  }

  /// Writes results, each with the name of its image's file besides: ids that a data set doesn't have itself say little.
  ///
  /// - Parameter images: those that the results are of, in any order.
  package static func write(
    _ results: [(image: ImageID, caption: String)], of images: [CaptionedImage], to url: URL
  ) throws {
    let names = Dictionary(images.map { ($0.id, $0.fileName) }) { first, _ in first }
    let list = results.map { result in
      var object: JSONObject = ["image_id": result.image.json, "caption": .string(result.caption)]
      if let name = names[result.image] { object["file_name"] = .string(name) }
      return JSONValue.object(object)
    }
    try JSONValue.array(list).write(to: url, .oneLine)
  }
}
