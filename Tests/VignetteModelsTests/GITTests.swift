import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// GIT against Transformers': hidden states, logits, loss, every gradient, and what it generates.
@Suite struct GITTests {
  static let names = ["git", "git-options"]

  @Test(arguments: names)
  func hiddenStatesAndLogits(name: String) throws {
    let reference = try ReferenceModel(name, in: "git")
    let model = try GIT(reference)
    let hidden = try model.hiddenStates(reference.tensor("pixel_values"), interpolatePositions: false)
    let image = model.features(hidden)
    for (found, name) in [(hidden, "encoder_hidden"), (image.states, "projected")] {
      let expected = try reference.tensor(name)
      #expect(found.shape == expected.shape)
      expectClose(found.floats, expected.floats, 1e-5)
    }
    for prefix in ["", "prompted_"] {
      let logits = model.logits(tokens: try reference.rows("\(prefix)decoder_input_ids"), features: image)
      expectClose(logits.floats, try reference.tensor("\(prefix)logits").floats, 1e-5)
    }
  }

  /// Logits as well: products with the image's keys and values are in bfloat16 with a cache and without.
  @Test(arguments: names)
  func bfloat16IsClose(name: String) throws {
    guard Precision.supportsBFloat16 else { return }
    let reference = try ReferenceModel(name, in: "git")
    let model = try GIT(reference)
    model.precision = .bfloat16
    let image = try model.encode(reference.tensor("pixel_values"))
    expectClose(image.states.floats, try reference.tensor("projected").floats, 4e-2)
    let tokens = try reference.rows("decoder_input_ids")
    let logits = model.logits(tokens: tokens, features: image)
    expectClose(logits.floats, try reference.tensor("logits").floats, 6e-2)
    var decoding = model.decoding(of: image)
    let (length, size) = (tokens[0].count, model.vocabularySize)
    let all = logits.floats
    let last: [Float] = tokens.indices.flatMap { (row: Int) -> ArraySlice<Float> in
      let end = (row + 1) * length * size
      return all[end - size..<end]
    }
    expectClose(try decoding.begin(tokens.map { $0.map { Int($0) } }), last, 4e-2)
  }

  @Test func parametersKnowTheirPart() throws {
    let model = try GIT(ReferenceModel("git", in: "git"))
    for parameter in model.parameters {
      let part: ModelPart =
        parameter.name.hasPrefix("git.image_encoder.")
        ? .vision : parameter.name.hasPrefix("git.visual_projection.") ? .bridge : .text
      #expect(parameter.part == part, "\(parameter.name)")
    }
  }

  /// What a configuration leaves open is Transformers' defaults: those of microsoft/git-base.
  @Test func defaultsAreTransformers() throws {
    let json = JSONField(["model_type": "git"], file: "config.json")
    let configuration = try CaptionConfiguration(git: json)
    #expect(configuration.decoderStartTokenID == 101 && configuration.endTokenIDs == [102])
    #expect(configuration.padTokenID == 0 && configuration.labelSmoothing == 0)
    let recorder = ShapeRecorder()
    #expect(throws: ModelError.self) { try GIT(json, weights: recorder) }
    let shapes = recorder.shapes
    let vision = "git.image_encoder.vision_model"
    #expect(shapes["\(vision).embeddings.patch_embedding.weight"] == [768, 3, 16, 16])
    #expect(shapes["\(vision).embeddings.position_embedding.weight"] == [197, 768])
    #expect(shapes["\(vision).encoder.layers.11.mlp.fc1.weight"] == [3072, 768])
    #expect(shapes["\(vision).encoder.layers.12.mlp.fc1.weight"] == nil)
    #expect(shapes["git.embeddings.word_embeddings.weight"] == [30522, 768])
    #expect(shapes["git.embeddings.position_embeddings.weight"] == [1024, 768])
    #expect(shapes["git.encoder.layer.5.intermediate.dense.weight"] == [3072, 768])
    #expect(shapes["git.encoder.layer.6.intermediate.dense.weight"] == nil)
    #expect(shapes["output.weight"] == [30522, 768])
  }

  /// The large model's image encoder is wider than its text part.
  @Test func imagesAreProjected() throws {
    let json = JSONField(
      [
        "vision_config": [
          "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096,
          "patch_size": 14,
        ]
      ], file: "config.json")
    let recorder = ShapeRecorder()
    #expect(throws: ModelError.self) { try GIT(json, weights: recorder) }
    let position = "git.image_encoder.vision_model.embeddings.position_embedding.weight"
    #expect(recorder.shapes[position] == [257, 1024])
    #expect(recorder.shapes["git.visual_projection.visual_projection.0.weight"] == [768, 1024])
    #expect(recorder.shapes["git.visual_projection.visual_projection.1.weight"] == [768])
  }

  @Test(arguments: [
    (#"{"hidden_size": 12, "num_attention_heads": 5}"#, "num_attention_heads"),
    (#"{"eos_token_id": [3, 99], "vocab_size": 98, "bos_token_id": 3}"#, "eos_token_id"),
    (#"{"bos_token_id": -1}"#, "bos_token_id"),
    (#"{"vision_config": {"patch_size": 500}}"#, "vision_config.patch_size"),
    (#"{"vision_config": 3}"#, "vision_config"),
  ])
  func fieldsAreNamed(text: String, key: String) throws {
    let json = JSONField(try JSONValue(parsing: Array(text.utf8), file: "config.json"), file: "config.json")
    let error = #expect(throws: JSONError.self) { try GIT(json, weights: RandomWeights(seed: 1)) }
    #expect(error?.key == key)
  }
}

extension GIT {
  convenience init(_ reference: ReferenceModel) throws {
    try self.init(reference.configuration, weights: CheckpointWeights(reference.storedTensors()))
  }
}
