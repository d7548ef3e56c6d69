import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors

/// How well BLIP's retrieval model (Li et al., 2022) finds that a caption fits its image: `BLIP_ITM`, the probability of a
/// match, and `BLIP_ITC`, the cosine of both embeddings. As Transformers computes them; captions go to the tokenizer as
/// they are.
struct BLIPMatch: ImageTextMeasure {
  private let model: BLIPRetrieval

  init(_ model: BLIPRetrieval) { self.model = model }

  let scoreNames = ["BLIP_ITM", "BLIP_ITC"]
  let prompt = ""
  var vocabularySize: Int { model.vocabularySize }
  var maximumLength: Int { model.maximumLength }

  func values(of captions: [TokenizedCaption], pixelValues: Tensor) throws -> [[Double?]] {
    let states = try model.hiddenStates(ofImages: pixelValues)
    let images = model.embeddings(ofImages: states).rows
    // One by one: rows of other lengths would need a mask.
    return captions.enumerated().map { row, texts in
      let logits = model.matchLogits(texts: [texts.caption], images: states.slice(row..<row + 1, axis: 0))
        .floats
      let text = model.embeddings(ofTexts: [texts.caption]).rows[0]
      return [1 / (1 + exp(Double(logits[0]) - Double(logits[1]))), cosine(text, images[row])]
    }
  }

  /// Makes sure that the model is one that compares: BLIP's other models have other parts and the same `model_type`.
  fileprivate static func check(_ json: JSONField) throws {
    let names: [String] = try json["architectures"].value(default: [])
    guard let name = names.first(where: { $0 != "BlipForImageTextRetrieval" }) else { return }
    throw json["architectures"].error(
      "expected BlipForImageTextRetrieval, which tells how well images and texts match (such as "
        + "Salesforce/blip-itm-base-coco), found \(Excerpt(name, limit: 60))")
  }
}

extension ImageTextFamily {
  static let blip = ImageTextFamily(modelType: "blip", example: "Salesforce/blip-itm-base-coco") {
    try BLIPMatch.check($0)
    return BLIPMatch(try BLIPRetrieval($0, weights: $1))
  }
}
