import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// BLIP against Transformers': hidden states, logits, loss, every gradient, and what it generates.
@Suite struct BLIPTests {
  static let names = ["blip", "blip-options"]

  @Test(arguments: names)
  func hiddenStatesAndLogits(name: String) throws {
    let reference = try ReferenceModel(name, in: "blip")
    let model = try BLIP(reference)
    let image = try model.encode(reference.tensor("pixel_values"))
    let expected = try reference.tensor("encoder_hidden")
    #expect(image.states.shape == expected.shape)
    expectClose(image.states.floats, expected.floats, 1e-5)
    for prefix in ["", "prompted_"] {
      let logits = model.logits(tokens: try reference.rows("\(prefix)decoder_input_ids"), features: image)
      expectClose(logits.floats, try reference.tensor("\(prefix)logits").floats, 1e-5)
    }
  }

  @Test(arguments: names)
  func bfloat16IsClose(name: String) throws {
    guard Precision.supportsBFloat16 else { return }
    let reference = try ReferenceModel(name, in: "blip")
    let model = try BLIP(reference)
    model.precision = .bfloat16
    let image = try model.encode(reference.tensor("pixel_values"))
    expectClose(
      image.states.cast(to: .float32).floats, try reference.tensor("encoder_hidden").floats, 4e-2)
  }

  /// The weights as BLIP's own code stores them are the same model.
  @Test func originalFilesAreRead() throws {
    let ours = try CaptionFamily.loadModel(at: Fixture.url("blip/blip"))
    let theirs = try CaptionFamily.loadModel(at: Fixture.url("blip/original"))
    #expect(theirs.parameters.map(\.name) == ours.parameters.map(\.name))
    for (one, other) in zip(ours.parameters, theirs.parameters) {
      #expect(one.value.floats == other.value.floats, "\(one.name)")
    }
  }

  /// A configuration on the Hub says next to nothing: the rest is Transformers' defaults.
  @Test func defaultsAreTransformers() throws {
    let json = JSONField(["model_type": "blip"], file: "config.json")
    let configuration = try CaptionConfiguration(blip: json)
    #expect(configuration.decoderStartTokenID == 30522 && configuration.endTokenIDs == [102])
    #expect(configuration.padTokenID == 0 && configuration.labelSmoothing == 0)
    let recorder = ShapeRecorder()
    #expect(throws: ModelError.self) { try BLIP(json, weights: recorder) }
    let shapes = recorder.shapes
    #expect(shapes["vision_model.embeddings.patch_embedding.weight"] == [768, 3, 16, 16])
    #expect(shapes["vision_model.embeddings.position_embedding"] == [1, 577, 768])
    #expect(shapes["vision_model.encoder.layers.11.self_attn.qkv.weight"] == [2304, 768])
    #expect(shapes["vision_model.encoder.layers.11.mlp.fc1.weight"] == [3072, 768])
    #expect(shapes["vision_model.encoder.layers.12.mlp.fc1.weight"] == nil)
    #expect(shapes["text_decoder.bert.embeddings.word_embeddings.weight"] == [30524, 768])
    #expect(shapes["text_decoder.bert.embeddings.position_embeddings.weight"] == [512, 768])
    #expect(shapes["text_decoder.bert.encoder.layer.11.intermediate.dense.weight"] == [3072, 768])
    #expect(shapes["text_decoder.bert.encoder.layer.12.intermediate.dense.weight"] == nil)
  }

  /// The large model's text part attends to wider states than its own, whatever its configuration says of them.
  @Test func crossAttentionHasTheVisionPartsWidth() throws {
    let json = JSONField(
      [
        "vision_config": [
          "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
        ], "text_config": ["num_attention_heads": 12, "encoder_hidden_size": 768],
      ], file: "config.json")
    let recorder = ShapeRecorder()
    #expect(throws: ModelError.self) { try BLIP(json, weights: recorder) }
    let layer = "text_decoder.bert.encoder.layer.11"
    #expect(recorder.shapes["\(layer).crossattention.self.key.weight"] == [768, 1024])
    #expect(recorder.shapes["\(layer).crossattention.self.query.weight"] == [768, 768])
    #expect(recorder.shapes["\(layer).attention.self.key.weight"] == [768, 768])
  }

  @Test(arguments: [
    (#"{"text_config": {"hidden_size": 12, "num_attention_heads": 5}}"#, "text_config.num_attention_heads"),
    (
      #"{"text_config": {"sep_token_id": 99, "vocab_size": 98, "bos_token_id": 3}}"#,
      "text_config.sep_token_id"
    ),
    (#"{"text_config": {"is_decoder": false}}"#, "text_config.is_decoder"),
    (#"{"vision_config": {"patch_size": 500}}"#, "vision_config.patch_size"),
    (#"{"vision_config": 3}"#, "vision_config"),
  ])
  func fieldsAreNamed(text: String, key: String) throws {
    let json = JSONField(try JSONValue(parsing: Array(text.utf8), file: "config.json"), file: "config.json")
    let error = #expect(throws: JSONError.self) { try BLIP(json, weights: RandomWeights(seed: 1)) }
    #expect(error?.key == key)
  }
}

extension BLIP {
  convenience init(_ reference: ReferenceModel) throws {
    try self.init(reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
  }
}
