import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// Models that compare images and texts, against Transformers'.
@Suite struct ImageTextTests {
  @Test(arguments: ["clip", "clip-options"])
  func embeddingsOfCLIP(name: String) throws {
    let reference = try ReferenceModel(name, in: "image_text")
    let model = try Self.clip(reference)
    let images = try model.embeddings(ofImages: reference.tensor("pixel_values"))
    try Self.expect(images, reference.tensor("image_embeds"))
    // Rows of one length, and each alone and without what fills it up.
    let rows = try reference.rows("input_ids")
    try Self.expect(model.embeddings(ofTexts: rows), reference.tensor("text_embeds"))
    let expected = try reference.tensor("text_embeds")
    for (index, row) in rows.enumerated() {
      let end = try reference.end(of: row)
      let alone = model.embeddings(ofTexts: [Array(row[...end])])
      Self.expect(alone, expected.slice(index..<index + 1, axis: 0).contiguous())
    }
  }

  /// Texts of several lengths at once are what each is alone.
  @Test func textsOfSeveralLengths() throws {
    let reference = try ReferenceModel("clip", in: "image_text")
    let model = try Self.clip(reference)
    let rows = try reference.rows("input_ids").map { Array($0[...(try reference.end(of: $0))]) }
    #expect(Set(rows.map(\.count)).count > 2)
    try Self.expect(model.embeddings(ofTexts: rows), reference.tensor("text_embeds"))
  }

  @Test(arguments: ["blip-itm", "blip-itm-options"])
  func embeddingsAndMatchesOfBLIP(name: String) throws {
    let reference = try ReferenceModel(name, in: "image_text")
    let model = try BLIPRetrieval(
      reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
    let states = try model.hiddenStates(ofImages: reference.tensor("pixel_values"))
    try Self.expect(model.embeddings(ofImages: states), reference.tensor("image_embeds"))
    let masks = try reference.rows("attention_mask")
    for (index, row) in try reference.rows("input_ids").enumerated() {
      let text = Array(row.prefix(masks[index].count { $0 == 1 }))
      func expected(_ name: String) throws -> Tensor {
        try reference.tensor(name).slice(index..<index + 1, axis: 0).contiguous()
      }
      try Self.expect(model.embeddings(ofTexts: [text]), expected("text_embeds"))
      let image = index % states.shape[0]
      let logits = model.matchLogits(texts: [text], images: states.slice(image..<image + 1, axis: 0))
      try Self.expect(logits, expected("itm_logits"))
    }
  }

  /// Embeddings, and the logit of each text with each image, of texts without what fills them up.
  @Test(arguments: ["siglip", "siglip-options"])
  func embeddingsAndLogitsOfSigLIP(name: String) throws {
    let reference = try ReferenceModel(name, in: "image_text")
    let model = try SigLIP(
      reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
    let images = try model.embeddings(ofImages: reference.tensor("pixel_values"))
    try Self.expect(images, reference.tensor("image_embeds"))
    let rows = try reference.rows("input_ids").map { Array($0[...(try #require($0.firstIndex(of: 1)))]) }
    let texts = model.embeddings(ofTexts: rows)
    try Self.expect(texts, reference.tensor("text_embeds"))
    let width = images.shape[1]
    func unit(_ tensor: Tensor, _ row: Int) -> [Double] {
      let values = tensor.floats[row * width..<(row + 1) * width].map { Double($0) }
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return values.map { $0 / length }
    }
    let logits = rows.indices.flatMap { text in
      (0..<images.shape[0]).map { image in
        Float(model.logit(cosine: zip(unit(texts, text), unit(images, image)).reduce(0) { $0 + $1.0 * $1.1 }))
      }
    }
    expectClose(logits, try reference.tensor("logits").floats, 1e-5)
  }

  /// Several texts at once are what each is alone.
  @Test func severalTextsOfOneLength() throws {
    let reference = try ReferenceModel("blip-itm-options", in: "image_text")
    let model = try BLIPRetrieval(
      reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
    let states = try model.hiddenStates(ofImages: reference.tensor("pixel_values"))
    let texts: [[Int32]] = [[2, 9, 14, 3], [2, 5, 6, 3]]
    let together = model.matchLogits(texts: texts, images: states).floats
    let alone = texts.indices.flatMap {
      model.matchLogits(texts: [texts[$0]], images: states.slice($0..<$0 + 1, axis: 0)).floats
    }
    expectClose(together, alone, 1e-5)
  }

  @Test func whatIsMissingIsNamed() throws {
    let reference = try ReferenceModel("clip", in: "image_text")
    let tensors = try reference.storedTensors().filter { $0.name != "text_projection.weight" }
    let error = try #require(throws: ModelError.self) {
      try CLIP(reference.configuration, weights: CheckpointWeights(tensors))
    }
    #expect("\(error)".contains("text_projection.weight"), "\(error)")
  }

  @Test(arguments: [
    (#"{"text_config": {"num_attention_heads": 5}}"#, "text_config.num_attention_heads"),
    (#"{"text_config": {"max_position_embeddings": 0}}"#, "text_config.max_position_embeddings"),
    (#"{"projection_dim": -1}"#, "projection_dim"),
    (#"{"vision_config": {"patch_size": 0}}"#, "vision_config.patch_size"),
    (#"{"text_config_dict": {"hidden_act": "none"}}"#, "text_config_dict.hidden_act"),
  ])
  func configurationsThatDoNotFit(text: String, key: String) throws {
    let json = JSONField(try JSONValue(parsing: Array(text.utf8), file: "config.json"), file: "config.json")
    let error = try #require(throws: JSONError.self) { try CLIP(json, weights: RandomWeights(seed: 1)) }
    #expect(error.key == key, "\(error)")
  }

  @Test func siglipsHalvesHaveOneWidth() throws {
    let text = #"{"text_config": {"projection_size": 24}, "vision_config": {"hidden_size": 12}}"#
    let json = JSONField(try JSONValue(parsing: Array(text.utf8), file: "config.json"), file: "config.json")
    let error = try #require(throws: JSONError.self) { try SigLIP(json, weights: RandomWeights(seed: 1)) }
    #expect("\(error)".contains("projection_size: expected the width of the vision part, 12"), "\(error)")
  }

  private static func clip(_ reference: ReferenceModel) throws -> CLIP {
    try CLIP(reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
  }

  private static func expect(_ found: Tensor, _ expected: Tensor) {
    #expect(found.shape == expected.shape)
    expectClose(found.floats, expected.floats, 1e-5)
  }
}

extension ReferenceModel {
  /// The index of a text's first end token, which is the highest id.
  fileprivate func end(of row: [Int32]) throws -> Int {
    try #require(row.firstIndex { $0 == row.max() })
  }
}
