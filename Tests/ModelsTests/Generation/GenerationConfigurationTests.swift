import Foundation
import Models
import TestSupport
import Testing

/// Reading and writing options, and which layer of them wins.
@Suite struct GenerationConfigurationTests {
  static func data(_ object: Any) throws -> Data { try JSONSerialization.data(withJSONObject: object) }

  static func fixture() throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Fixture.data("generation/configurations.json"))
    return try #require(object as? [String: Any])
  }

  @Test func readsOldConfigurationsAsTransformersDoes() throws {
    for example in try #require(Self.fixture()["read"] as? [[String: Any]]) {
      let own = try GenerationOptions.checkpoint(
        generationConfig: nil, config: Self.data(try #require(example["config"])))
      let expected = try GenerationOptions.checkpoint(
        generationConfig: Self.data(try #require(example["options"])), config: nil)
      #expect(own == expected)
    }
  }

  @Test func writesAsTransformersDoes() throws {
    let version = try #require(Self.fixture()["transformers_version"] as? String)
    for example in try #require(Self.fixture()["written"] as? [[String: Any]]) {
      let text = try #require(example["text"] as? String)
      let options = try GenerationOptions.checkpoint(generationConfig: Data(text.utf8), config: nil)
      let written = String(decoding: options.generationConfig(transformersVersion: version), as: UTF8.self)
      #expect(written == text)
    }
  }

  @Test func hasTheDefaultsOfTransformers() throws {
    var defaults = try #require(Self.fixture()["defaults"] as? [String: Any])
    // Unset, the length is 20 new tokens instead of 20 in all.
    #expect(defaults.removeValue(forKey: "max_length") as? Int == 20)
    var own = GenerationOptions.defaults
    own.seed = nil
    #expect(try own == .checkpoint(generationConfig: Self.data(defaults), config: nil))
  }

  @Test(arguments: [
    // call, generation_config.json, config.json → beams, longest, shortest
    ("{}", nil, "{}", 1, 21, 1),
    ("{}", nil, #"{"decoder": {"max_length": 20, "num_beams": 3}}"#, 3, 20, 1),
    ("{}", nil, #"{"num_beams": 2, "decoder": {"num_beams": 3, "min_length": 4}}"#, 2, 21, 4),
    ("{}", #"{"num_beams": 4}"#, #"{"num_beams": 2, "decoder": {"max_length": 20}}"#, 4, 21, 1),
    (#"{"num_beams": 5}"#, #"{"num_beams": 4, "max_length": 16}"#, "{}", 5, 16, 1),
    (#"{"max_length": 9}"#, #"{"max_length": 16}"#, "{}", 1, 9, 1),
    (#"{"max_new_tokens": 9}"#, #"{"max_length": 16}"#, "{}", 1, 10, 1),
    (#"{"max_length": 9}"#, #"{"max_new_tokens": 16, "num_beams": null}"#, "{}", 1, 9, 1),
    (#"{"max_length": 9, "max_new_tokens": 3}"#, "{}", "{}", 1, 4, 1),
    (#"{"min_length": 5}"#, #"{"min_new_tokens": 8}"#, "{}", 1, 21, 5),
    (#"{"min_length": 5, "min_new_tokens": 2}"#, "{}", "{}", 1, 21, 3),
    (#"{"min_new_tokens": 2}"#, #"{"min_length": 7}"#, "{}", 1, 21, 3),
  ])
  func layers(
    _ call: String, _ generationConfig: String?, _ config: String, _ beams: Int, _ longest: Int,
    _ shortest: Int
  ) throws {
    let options = try GenerationOptions.checkpoint(generationConfig: Data(call.utf8), config: nil)
      .filled(
        from: .checkpoint(
          generationConfig: generationConfig.map { Data($0.utf8) }, config: Data(config.utf8))
      ).filled(from: GenerationOptions(bosTokenID: 0))
    let plan = try GenerationPlan(options, vocabularySize: 10, maximumLength: 64)
    #expect(plan.numBeams == beams)
    #expect(plan.maxLength == longest)
    #expect(plan.minLength == shortest)
  }

  @Test func startTokenComesFromWhereverItIs() throws {
    let read = { (generation: String?, config: String) in
      try GenerationOptions.checkpoint(
        generationConfig: generation.map { Data($0.utf8) }, config: Data(config.utf8)
      ).decoderStartTokenID
    }
    #expect(try read(nil, #"{"decoder_start_token_id": 7}"#) == 7)
    #expect(try read(#"{"num_beams": 2}"#, #"{"decoder_start_token_id": 7}"#) == 7)
    #expect(try read(#"{"bos_token_id": 2}"#, #"{"decoder_start_token_id": 7}"#) == nil)
    #expect(throws: GenerationError.missingStartToken) {
      try GenerationPlan(GenerationOptions(), vocabularySize: 10, maximumLength: 10)
    }
  }

  @Test(arguments: [
    (#"{"num_beams": "4"}"#, #"generation_config.json: num_beams must be an integer, but is "4""#),
    (#"{"max_length": 20.5}"#, "generation_config.json: max_length must be an integer, but is 20.5"),
    (#"{"do_sample": 1}"#, "generation_config.json: do_sample must be true or false, but is 1"),
    (
      #"{"eos_token_id": {}}"#,
      "generation_config.json: eos_token_id must be a token id or a list of token ids, but is an object"
    ),
    (
      #"{"early_stopping": "always"}"#,
      #"generation_config.json: early_stopping must be true, false or "never", but is "always""#
    ),
    (
      #"{"suppress_tokens": [1, "a"]}"#,
      "generation_config.json: suppress_tokens must be a list, each element an integer, but is a list"
    ),
    ("[1]", "generation_config.json: the file must be a JSON object"),
    ("{", "generation_config.json: is not valid JSON; write the file anew"),
    ("", "generation_config.json: is not valid JSON; write the file anew"),
  ])
  func refusesWrongTypes(_ json: String, _ message: String) {
    let error = #expect(throws: GenerationError.self) {
      try GenerationOptions.checkpoint(generationConfig: Data(json.utf8), config: nil)
    }
    #expect(error.map { "\($0)" } == message)
  }

  @Test func namesTheDecoderSection() {
    let read = { (json: String) in
      try GenerationOptions.checkpoint(generationConfig: nil, config: Data(json.utf8))
    }
    let wrongField = #expect(throws: GenerationError.self) { try read(#"{"decoder": {"top_k": "x"}}"#) }
    #expect(
      wrongField?.localizedDescription == #"config.json, decoder: top_k must be an integer, but is "x""#)
    let wrongSection = #expect(throws: GenerationError.self) { try read(#"{"decoder": 3}"#) }
    #expect(wrongSection?.localizedDescription == "config.json: decoder must be a JSON object")
  }

  @Test func namesWhatIsNotSupported() throws {
    let json =
      #"{"num_beam_groups": 2, "diversity_penalty": 0.0, "guidance_scale": 1.5, "num_beams": 4, "x": 1}"#
    #expect(
      try GenerationOptions.unsupportedFields(ofGenerationConfig: Data(json.utf8))
        == ["guidance_scale", "num_beam_groups"])
  }
}
