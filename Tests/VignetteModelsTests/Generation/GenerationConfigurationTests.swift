import VignetteFiles
import VignetteModels
import VignetteTestSupport
import Testing

/// Reading and writing options, and which layer of them wins.
@Suite struct GenerationConfigurationTests {
  static let fixture = Result { try JSONField(fixture: "generation/configurations.json") }

  static func options(_ generationConfig: String?, _ config: String? = nil) throws -> GenerationOptions {
    try .checkpoint(
      generationConfig: generationConfig.map { try JSONField(text: $0.utf8, file: "generation_config.json") },
      config: config.map { try JSONField(text: $0.utf8, file: "config.json") })
  }

  @Test func readsOldConfigurationsAsTransformersDoes() throws {
    let examples = try Self.fixture.get()["read"].elements()
    #expect(!examples.isEmpty)
    for example in examples {
      let own = try GenerationOptions.checkpoint(generationConfig: nil, config: example["config"])
      let expected = try GenerationOptions.checkpoint(generationConfig: example["options"], config: nil)
      #expect(own == expected)
    }
  }

  @Test func writesAsTransformersDoes() throws {
    let version: String = try Self.fixture.get()["transformers_version"].value()
    let examples = try Self.fixture.get()["written"].elements()
    #expect(!examples.isEmpty)
    for example in examples {
      let text: String = try example["text"].value()
      let written = try Self.options(text).generationConfig(transformersVersion: version)
      #expect(String(decoding: written, as: UTF8.self) == text)
    }
  }

  @Test func hasTheDefaultsOfTransformers() throws {
    var defaults = try Self.fixture.get()["defaults"].value(as: JSONObject.self)
    // Unset, the length is 20 new tokens instead of 20 in all.
    #expect(defaults["max_length"] == 20)
    defaults["max_length"] = nil
    var own = GenerationOptions.defaults
    own.seed = nil
    #expect(
      try own == .checkpoint(generationConfig: JSONField(.object(defaults), file: "defaults"), config: nil))
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
    let options = try Self.options(call).filled(from: Self.options(generationConfig, config))
      .filled(from: GenerationOptions(bosTokenID: 0))
    let plan = try GenerationPlan(options, vocabularySize: 10, maximumLength: 64)
    #expect(plan.numBeams == beams)
    #expect(plan.maxLength == longest)
    #expect(plan.minLength == shortest)
  }

  @Test func startTokenComesFromWhereverItIs() throws {
    let read = { (generation: String?, config: String) in
      try Self.options(generation, config).decoderStartTokenID
    }
    #expect(try read(nil, #"{"decoder_start_token_id": 7}"#) == 7)
    #expect(try read(#"{"num_beams": 2}"#, #"{"decoder_start_token_id": 7}"#) == 7)
    #expect(try read(#"{"bos_token_id": 2}"#, #"{"decoder_start_token_id": 7}"#) == nil)
    #expect(throws: GenerationError.missingStartToken) {
      try GenerationPlan(GenerationOptions(), vocabularySize: 10, maximumLength: 10)
    }
  }

  @Test(arguments: [
    (#"{"num_beams": "4"}"#, #"num_beams: expected an integer, found "4""#),
    (#"{"max_length": 20.5}"#, "max_length: expected an integer, found 20.5"),
    (#"{"do_sample": 1}"#, "do_sample: expected true or false, found 1"),
    (#"{"eos_token_id": {}}"#, "eos_token_id: expected a token id or a list of token ids, found {}"),
    (#"{"eos_token_id": [1, null]}"#, "eos_token_id[1]: expected an integer, found nothing"),
    (#"{"early_stopping": "always"}"#, #"early_stopping: expected true, false or "never", found "always""#),
    (#"{"suppress_tokens": [1, "a"]}"#, #"suppress_tokens[1]: expected an integer, found "a""#),
    (#"{"bad_words_ids": [[1], 2]}"#, "bad_words_ids[1]: expected a list, found 2"),
    (#"{"bos_token_id": [1, 2]}"#, "bos_token_id: expected one token id, found [1, 2]"),
    (#"{"stop_strings": 3}"#, "stop_strings: expected a text or a list of texts, found 3"),
    (
      #"{"sequence_bias": {"(1, 2)": 1.0}}"#, #"sequence_bias: expected a list, found {"(1, 2)": 1.0}"#
    ),
    (
      #"{"sequence_bias": [[[1, 2]]]}"#,
      "sequence_bias[0]: expected a list of token ids and a bias, found [[1, 2]]"
    ),
    (
      #"{"exponential_decay_length_penalty": [1]}"#,
      "exponential_decay_length_penalty: expected a list of a number of tokens and a factor, found [1]"
    ),
    ("[1]", "expected an object, found [1]"),
  ])
  func refusesWrongTypes(_ json: String, _ message: String) {
    let error = #expect(throws: JSONError.self) { try Self.options(json) }
    #expect(error.map { "\($0)" } == "generation_config.json: \(message)")
  }

  /// call, generation_config.json, config.json → the error
  static let wrongValues: [(String, String?, String, String)] = [
    ("{}", #"{"top_p": 1.5}"#, "{}", "generation_config.json: top_p: must be between 0 and 1, but is 1.5"),
    ("{}", #"{"num_beams": 0}"#, "{}", "generation_config.json: num_beams: must be from 1 to 1024, but is 0"),
    (
      "{}", #"{"max_length": 99}"#, "{}",
      "generation_config.json: max_length: must be at most 65, as the decoder has 64 positions, but is 99"
    ),
    (
      "{}", #"{"decoder_start_token_id": 99}"#, "{}",
      "generation_config.json: decoder_start_token_id: must be a token id below the vocabulary's size, 10, but is 99"
    ),
    (
      "{}", #"{"bos_token_id": 99}"#, "{}",
      "generation_config.json: bos_token_id: must be a token id below the vocabulary's size, 10, but is 99"
    ),
    (
      "{}", #"{"top_k": 5}"#, #"{"decoder": {"bos_token_id": 99}}"#,
      "config.json: decoder.bos_token_id: must be a token id below the vocabulary's size, 10, but is 99"
    ),
    (
      "{}", nil, #"{"decoder": {"bos_token_id": 1, "temperature": 0}}"#,
      "config.json: decoder.temperature: must be a number above 0 (for the likeliest token, don't sample), but is 0.0"
    ),
    (
      "{}", #"{"num_beams": 2, "num_return_sequences": 3}"#, "{}",
      "num_return_sequences 3 (in generation_config.json) is more than num_beams 2 (in generation_config.json): beam "
        + "search has only as many captions"
    ),
    (
      #"{"num_return_sequences": 3}"#, #"{"num_beams": 2}"#, "{}",
      "`num_return_sequences` 3 is more than num_beams 2 (in generation_config.json): beam search has only as many captions"
    ),
    (#"{"top_p": 1.5}"#, #"{"top_p": 0.5}"#, "{}", "`top_p` must be between 0 and 1, but is 1.5"),
    (
      #"{"max_length": 99}"#, #"{"max_length": 9}"#, "{}",
      "`max_length` must be at most 65, as the decoder has 64 positions, but is 99"
    ),
    (
      #"{"min_length": 30}"#, #"{"max_length": 9}"#, "{}",
      "the shortest caption allowed has 29 tokens (`min_length`) and the longest 8 (max_length (in "
        + "generation_config.json)): lower the one or raise the other"
    ),
    (
      "{}", #"{"suppress_tokens": [3], "forced_eos_token_id": 3}"#, "{}",
      "suppress_tokens (in generation_config.json) rules out every token that forced_eos_token_id (in "
        + "generation_config.json) asks for"
    ),
  ]

  /// What is wrong in a file is told with its name and key, what is wrong with the caller's options as a setting.
  @Test(arguments: wrongValues)
  func namesWhereAWrongValueStands(
    _ call: String, _ generationConfig: String?, _ config: String, _ message: String
  ) throws {
    // The call's own options have no file.
    let read = try Self.options(call)
    let given = GenerationOptions(
      maxLength: read.maxLength, minLength: read.minLength, numReturnSequences: read.numReturnSequences,
      topP: read.topP)
    let options = try given.filled(from: Self.options(generationConfig, config))
      .filled(from: GenerationOptions(bosTokenID: 0))
    let error = #expect(throws: (any Error).self) {
      try GenerationPlan(options, vocabularySize: 10, maximumLength: 64)
    }
    #expect("\(try #require(error))" == message)
  }

  /// A start token is the file's also where a prompt of the caller's stands behind it.
  @Test func aWrongStartTokenIsNoPromptsFault() throws {
    let options = try Self.options(#"{"decoder_start_token_id": 99}"#)
    for (prompt, name) in [([99, 3], "decoder_start_token_id: must"), ([1, 99], "`prompt` must")] {
      let error = #expect(throws: (any Error).self) {
        try GenerationPlan(options, prompt: prompt, vocabularySize: 10, maximumLength: 64)
      }
      #expect("\(try #require(error))".contains(name))
    }
  }

  /// A value that a program has changed since is its own.
  @Test func aChangedValueIsTheCallers() throws {
    var options = try Self.options(#"{"top_p": 0.5, "bos_token_id": 0}"#)
    options.topP = 1.5
    let error = #expect(throws: SettingError.self) {
      try GenerationPlan(options, vocabularySize: 10, maximumLength: 64)
    }
    #expect(error?.setting == "top_p")
  }

  @Test func aPromptThatIsTooLongCountsTheStartToken() throws {
    let error = #expect(throws: SettingError.self) {
      try GenerationPlan(
        GenerationOptions(), prompt: Array(repeating: 1, count: 9), vocabularySize: 10, maximumLength: 8)
    }
    #expect(
      error?.description
        == "`prompt` must have at most 8 tokens with the start token, as many as the decoder has "
        + "positions, but has 9")
  }

  @Test func wholeNumbersMayHaveAFraction() throws {
    #expect(try Self.options(#"{"max_length": 20.0}"#).maxLength == 20)
  }

  @Test func namesTheDecoderSection() {
    let wrongField = #expect(throws: JSONError.self) {
      try Self.options(nil, #"{"decoder": {"top_k": "x"}}"#)
    }
    #expect(wrongField.map { "\($0)" } == #"config.json: decoder.top_k: expected an integer, found "x""#)
    let wrongSection = #expect(throws: JSONError.self) { try Self.options(nil, #"{"decoder": 3}"#) }
    #expect(wrongSection.map { "\($0)" } == "config.json: decoder: expected an object, found 3")
  }

  @Test func namesWhatIsNotSupported() throws {
    let json =
      #"{"remove_invalid_values": true, "diversity_penalty": 0.0, "guidance_scale": 1.5, "num_beams": 4, "x": 1}"#
    #expect(
      try GenerationOptions.unsupportedFields(
        ofGenerationConfig: JSONField(text: json.utf8, file: "generation_config.json"))
        == ["guidance_scale", "remove_invalid_values"])
  }

  @Test(arguments: [
    (#"{"encoder_no_repeat_ngram_size": 0, "encoder_repetition_penalty": 1.0}"#, []),
    (
      #"{"encoder_no_repeat_ngram_size": 3, "encoder_repetition_penalty": 1.5}"#,
      ["encoder_no_repeat_ngram_size", "encoder_repetition_penalty"]
    ),
  ])
  func namesWhatTransformersIgnores(_ json: String, _ names: [String]) throws {
    let file = try JSONField(text: json.utf8, file: "generation_config.json")
    #expect(try GenerationOptions.ignoredFields(ofGenerationConfig: file) == names)
    #expect(try GenerationOptions.unsupportedFields(ofGenerationConfig: file).isEmpty)
  }

  struct Refused: Decodable {
    let options: String
    let message: String
  }

  /// Searches that Transformers has moved to repositories of their own, which it names.
  @Test func refusesSearchesThatTransformersRefuses() throws {
    let cases = try Fixture.json([Refused].self, "generation_options/refused.json")
    #expect(cases.count == 8)
    for example in cases {
      let options = try Self.options(example.options).filled(from: GenerationOptions(bosTokenID: 0))
      let error = #expect(throws: GenerationError.self) {
        try GenerationPlan(options, vocabularySize: 10, maximumLength: 64)
      }
      let repository = try #require(example.message.firstMatch(of: /transformers-community\/[a-z-]+/)?.output)
      #expect("\(try #require(error))".contains(repository), "\(example.options)")
      // The call's own options can make the fields of the checkpoint idle.
      let other = GenerationOptions(numBeams: options.numBeams == nil ? 4 : 1).filled(from: options)
      let isRefused = (try? GenerationPlan(other, vocabularySize: 10, maximumLength: 64)) == nil
      #expect(isRefused == example.options.contains("force_words_ids"), "\(example.options)")
    }
  }

  @Test(arguments: [
    #"{"stop_strings": ["a", "b"]}"#, #"{"sequence_bias": [[[4, 5], -1.5], [[6], 2.0]]}"#,
    #"{"exponential_decay_length_penalty": [15, 1.1]}"#, #"{"renormalize_logits": true, "top_h": 0.5}"#,
    #"{"epsilon_cutoff": 0.01, "eta_cutoff": 0.02, "max_time": 1.5}"#, #"{"num_beam_groups": 2}"#,
  ])
  func readsWhatItWrites(_ json: String) throws {
    let options = try Self.options(json)
    #expect(options != GenerationOptions())
    #expect(JSONValue.object(options.json).text(.oneLine) == json)
    #expect(GenerationOptions().filled(from: options) == options)
  }

  @Test func oneMayStandForAList() throws {
    #expect(try Self.options(#"{"stop_strings": "."}"#).stopStrings == ["."])
    #expect(try Self.options(#"{"bos_token_id": [4]}"#).bosTokenID == 4)
    #expect(try Self.options(#"{"decoder_start_token_id": [4]}"#).decoderStartTokenID == 4)
  }
}
