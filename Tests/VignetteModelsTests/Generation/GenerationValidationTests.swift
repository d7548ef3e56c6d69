import VignetteFiles
import VignetteModels
import Testing

@Suite struct GenerationValidationTests {
  static let wrong: [(GenerationOptions, String)] = [
    (.init(maxLength: 0), "`max_length`"), (.init(maxLength: 1), "`max_length`"),
    (.init(maxNewTokens: 0), "`max_new_tokens`"), (.init(maxNewTokens: -3), "`max_new_tokens`"),
    (.init(minLength: -1), "`min_length`"), (.init(minNewTokens: -1), "`min_new_tokens`"),
    (.init(numBeams: 0), "`num_beams`"), (.init(numBeams: -1), "`num_beams`"),
    (.init(lengthPenalty: .nan), "`length_penalty`"),
    (.init(numReturnSequences: 0), "`num_return_sequences`"),
    (.init(numBeams: 2, numReturnSequences: 3), "`num_return_sequences`"),
    (.init(numReturnSequences: 2), "`num_return_sequences`"),
    (.init(repetitionPenalty: 0), "`repetition_penalty`"),
    (.init(repetitionPenalty: -1), "`repetition_penalty`"),
    (.init(noRepeatNgramSize: -1), "`no_repeat_ngram_size`"), (.init(temperature: 0), "`temperature`"),
    (.init(temperature: .infinity), "`temperature`"), (.init(topK: -1), "`top_k`"),
    (.init(topP: 1.1), "`top_p`"),
    (.init(topP: -0.1), "`top_p`"), (.init(topP: .nan), "`top_p`"), (.init(minP: 2), "`min_p`"),
    (.init(typicalP: 0), "`typical_p`"), (.init(badWordsIDs: [[]]), "`bad_words_ids`"),
    (.init(stopStrings: ["a", ""]), "`stop_strings`"), (.init(maxTime: -1), "`max_time`"),
    (.init(maxTime: .nan), "`max_time`"), (.init(topH: 0), "`top_h`"), (.init(topH: 1.1), "`top_h`"),
    (.init(epsilonCutoff: 1), "`epsilon_cutoff`"), (.init(etaCutoff: -0.1), "`eta_cutoff`"),
    (.init(sequenceBias: [.init(tokenIDs: [], bias: 1)]), "`sequence_bias`"),
    (.init(sequenceBias: [.init(tokenIDs: [-1], bias: 1)]), "`sequence_bias`"),
    (.init(sequenceBias: [.init(tokenIDs: [1], bias: .nan)]), "`sequence_bias`"),
    (
      .init(exponentialDecayLengthPenalty: .init(start: -1, factor: 1.1), eosTokenIDs: [2]),
      "`exponential_decay_length_penalty`"
    ),
    (
      .init(exponentialDecayLengthPenalty: .init(start: 1, factor: 0), eosTokenIDs: [2]),
      "`exponential_decay_length_penalty`"
    ),
    (.init(exponentialDecayLengthPenalty: .init(start: 1, factor: 1.1)), "eos_token_id"),
    (.init(suppressTokens: [4, 5], forcedEOSTokenIDs: [5]), "suppress_tokens"),
  ]

  @Test(arguments: wrong.indices)
  func namesTheOption(_ index: Int) {
    let (options, name) = Self.wrong[index]
    let error = #expect(throws: (any Error).self) { try options.validate() }
    #expect(error.map { "\($0)".contains(name) } == true)
  }

  static let wrongForModel: [(GenerationOptions, String)] = [
    (
      .init(maxLength: 18, decoderStartTokenID: 0),
      "`max_length` must be at most 17, as the decoder has 16 positions, but is 18"
    ),
    (.init(maxNewTokens: .max, decoderStartTokenID: 0), "`max_new_tokens` must be at most 16"),
    (.init(maxLength: 5, minLength: 6, decoderStartTokenID: 0), "lower the one or raise the other"),
    (.init(minNewTokens: .max, decoderStartTokenID: 0), "lower the one or raise the other"),
    (.init(decoderStartTokenID: 48), "`decoder_start_token_id` must be a token id below"),
    (.init(forcedBOSTokenID: -1, decoderStartTokenID: 0), "`forced_bos_token_id` must be a token id below"),
    (.init(badWordsIDs: [[3, 99]], decoderStartTokenID: 0), "`bad_words_ids` must be a token id below"),
    (
      .init(sequenceBias: [.init(tokenIDs: [99], bias: 1)], decoderStartTokenID: 0),
      "`sequence_bias` must be a token id below"
    ),
    (.init(numBeams: .max, decoderStartTokenID: 0), "`num_beams` must be from 1 to 1024"),
    (.init(doSample: true, numReturnSequences: 1 << 40, decoderStartTokenID: 0), "lower `batch_size`"),
  ]

  @Test(arguments: wrongForModel.indices)
  func checksAgainstTheModel(_ index: Int) {
    let (options, message) = Self.wrongForModel[index]
    var model = HashedCaptioner(images: [1, 2], maximumLength: 16)
    let error = #expect(throws: (any Error).self) { try model.generate(options) }
    #expect(error.map { "\($0)".contains(message) } == true, "\(String(describing: error))")
  }

  @Test func beamsNeedTokensToGoOnWith() {
    for (ends, size) in [([], 1), ([0], 1), ([0, 1, 2], 3)] {
      var model = HashedCaptioner(images: [1], vocabularySize: size)
      #expect(throws: GenerationError.self) {
        try model.generate(.init(numBeams: 2, decoderStartTokenID: 0, eosTokenIDs: ends))
      }
    }
  }

  @Test func usesEveryPosition() throws {
    var model = HashedCaptioner(images: [1], maximumLength: 16)
    #expect(try model.generate(.init(decoderStartTokenID: 1))[0][0].tokenIDs.count == 17)
    #expect(model.rowCounts.count == 16)
  }

  @Test func namesOptionsWithoutEffect() {
    #expect(GenerationOptions(lengthPenalty: 2, topK: 5).ignoredOptions() == ["top_k", "length_penalty"])
    #expect(
      GenerationOptions(topH: 0.5, epsilonCutoff: 0.1, etaCutoff: 0.1).ignoredOptions()
        == ["top_h", "epsilon_cutoff", "eta_cutoff"])
    #expect(
      GenerationOptions(numBeams: 2, doSample: true, lengthPenalty: 2, topK: 5).ignoredOptions().isEmpty)
  }

  @Test func acceptsExtremes() throws {
    for options: GenerationOptions in [
      .init(numBeams: 3, lengthPenalty: 1e300), .init(numBeams: 3, lengthPenalty: -1e300),
      .init(numBeams: 3, noRepeatNgramSize: 1), .init(noRepeatNgramSize: .max),
      .init(numBeams: 5, suppressTokens: Array(0..<48)),
      .init(exponentialDecayLengthPenalty: .init(start: 0, factor: 1e300), renormalizeLogits: true),
      .init(numBeams: 3, exponentialDecayLengthPenalty: .init(start: 3, factor: 1e300)),
      .init(numBeams: 3, exponentialDecayLengthPenalty: .init(start: 0, factor: 1e-300)),
      .init(numBeams: 2, sequenceBias: [.init(tokenIDs: [4], bias: .infinity)]),
      .init(sequenceBias: (0..<48).map { .init(tokenIDs: [$0], bias: -1e300) }, renormalizeLogits: true),
      .init(repetitionPenalty: 1e300), .init(numBeams: 4, repetitionPenalty: 1e-300),
    ] {
      var model = HashedCaptioner(images: [1, 2])
      let outputs = try model.generate(
        options.filled(from: .init(decoderStartTokenID: 1, eosTokenIDs: [2, 3, -1, 999])))
      #expect(outputs.count == 2)
    }
  }
}
