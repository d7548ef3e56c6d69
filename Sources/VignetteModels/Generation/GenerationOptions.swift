public import VignetteFiles

/// What a caller or a checkpoint asks of `generate`, with Hugging Face's names; nil where it asks nothing.
///
/// Options come in layers: the call's own, then the checkpoint's, then Hugging Face's defaults, where a layer fills
/// only what the layers above it leave open:
///
///     let options = GenerationOptions(numBeams: 4)
///       .filled(from: try .checkpoint(generationConfig: generationConfigJSON, config: configJSON))
///     let captions = try decoder.generate(options)
public struct GenerationOptions: Sendable, Equatable {
  // MARK: Length

  /// The greatest number of tokens of a caption, the prompt counted (the start token, where
  /// there is no other); with neither this nor `maxNewTokens` set anywhere, 20 tokens are generated.
  public var maxLength: Int?
  /// The greatest number of tokens after the prompt; takes precedence over `maxLength`.
  public var maxNewTokens: Int?
  /// The number of tokens, the prompt counted, before which no end token may come.
  public var minLength: Int?
  /// The number of tokens after the prompt before which no end token may come; takes precedence over `minLength`.
  public var minNewTokens: Int?

  // MARK: Search

  /// The number of beams of beam search; 1 is greedy search or plain sampling.
  public var numBeams: Int?
  /// Whether tokens are drawn at random instead of taking the likeliest.
  public var doSample: Bool?
  /// When beam search stops.
  public var earlyStopping: EarlyStopping?
  /// The exponent of the generated length by which beam search divides a caption's score: above 0 favours long ones.
  public var lengthPenalty: Double?
  /// The number of captions to return for an image; at most `numBeams` in beam search.
  public var numReturnSequences: Int?
  /// Starts the random numbers of sampling; the same seed gives the same captions, whatever the other images.
  public var seed: UInt64?

  // MARK: Logits processors

  /// Makes tokens that stand in the caption already less likely (above 1) or likelier (below 1).
  public var repetitionPenalty: Double?
  /// The length of token sequences that may occur only once in a caption; 0 allows all.
  public var noRepeatNgramSize: Int?
  /// Token sequences that must not be generated.
  public var badWordsIDs: [[Int]]?
  /// Tokens that must not be generated.
  public var suppressTokens: [Int]?
  /// Tokens that must not be generated first.
  public var beginSuppressTokens: [Int]?
  /// The token to generate first.
  public var forcedBOSTokenID: Int?
  /// The tokens one of which must be the last when `maxLength` is reached.
  public var forcedEOSTokenIDs: [Int]?

  // MARK: Sampling

  /// Divides the logits before sampling: below 1 sharpens, above 1 flattens.
  public var temperature: Double?
  /// Samples among this many of the likeliest tokens; 0 among all.
  public var topK: Int?
  /// Samples among the fewest tokens that together have this probability.
  public var topP: Double?
  /// Samples among tokens with at least this part of the likeliest token's probability.
  public var minP: Double?
  /// Samples among the tokens of most typical information content that together have this probability.
  public var typicalP: Double?

  // MARK: Special tokens

  /// The token that the decoder is given first; `bosTokenID` where unset.
  public var decoderStartTokenID: Int?
  /// The token that begins a text.
  public var bosTokenID: Int?
  /// The tokens that end a caption.
  public var eosTokenIDs: [Int]?
  /// The token that fills up the shorter rows of a batch; captions are returned without it.
  public var padTokenID: Int?

  public init(
    maxLength: Int? = nil, maxNewTokens: Int? = nil, minLength: Int? = nil, minNewTokens: Int? = nil,
    numBeams: Int? = nil, doSample: Bool? = nil, earlyStopping: EarlyStopping? = nil,
    lengthPenalty: Double? = nil, numReturnSequences: Int? = nil, seed: UInt64? = nil,
    repetitionPenalty: Double? = nil, noRepeatNgramSize: Int? = nil, badWordsIDs: [[Int]]? = nil,
    suppressTokens: [Int]? = nil, beginSuppressTokens: [Int]? = nil, forcedBOSTokenID: Int? = nil,
    forcedEOSTokenIDs: [Int]? = nil, temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil,
    minP: Double? = nil, typicalP: Double? = nil, decoderStartTokenID: Int? = nil, bosTokenID: Int? = nil,
    eosTokenIDs: [Int]? = nil, padTokenID: Int? = nil
  ) {
    self.maxLength = maxLength
    self.maxNewTokens = maxNewTokens
    self.minLength = minLength
    self.minNewTokens = minNewTokens
    self.numBeams = numBeams
    self.doSample = doSample
    self.earlyStopping = earlyStopping
    self.lengthPenalty = lengthPenalty
    self.numReturnSequences = numReturnSequences
    self.seed = seed
    self.repetitionPenalty = repetitionPenalty
    self.noRepeatNgramSize = noRepeatNgramSize
    self.badWordsIDs = badWordsIDs
    self.suppressTokens = suppressTokens
    self.beginSuppressTokens = beginSuppressTokens
    self.forcedBOSTokenID = forcedBOSTokenID
    self.forcedEOSTokenIDs = forcedEOSTokenIDs
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.typicalP = typicalP
    self.decoderStartTokenID = decoderStartTokenID
    self.bosTokenID = bosTokenID
    self.eosTokenIDs = eosTokenIDs
    self.padTokenID = padTokenID
  }

  /// What Transformers 5.23 assumes where nobody says otherwise. `maxLength` is left open: its default depends on
  /// being unset (see `maxLength`).
  public static let defaults = GenerationOptions(
    minLength: 0, numBeams: 1, doSample: false, earlyStopping: .heuristic, lengthPenalty: 1,
    numReturnSequences: 1, seed: 42, repetitionPenalty: 1, noRepeatNgramSize: 0, temperature: 1, topK: 50,
    topP: 1, typicalP: 1)

  /// These options, with what they leave open taken from `lower`.
  ///
  /// A length counts as set in either of its spellings: `maxLength` here takes precedence over `maxNewTokens` there. (There
  /// Transformers would obey the checkpoint and ignore its caller.)
  public func filled(from lower: GenerationOptions) -> GenerationOptions {
    var result = self
    for field in GenerationField.all {
      field.fill(&result, lower)
    }
    result.seed = seed ?? lower.seed
    if maxLength != nil || maxNewTokens != nil {
      (result.maxLength, result.maxNewTokens) = (maxLength, maxNewTokens)
    }
    if minLength != nil || minNewTokens != nil {
      (result.minLength, result.minNewTokens) = (minLength, minNewTokens)
    }
    return result
  }
}

extension GenerationOptions {
  /// Checks each option by itself and the options against each other.
  ///
  /// - Throws: `SettingError` naming the option, or `GenerationError.contradiction`.
  public func validate() throws {
    try validateLengths()
    try validateSearch()
    try validateProcessors()
    try validateSampling()
  }

  /// The options that are set and, with the others as they are, change nothing: sampling's without `doSample`, beam
  /// search's without beams.
  public func ignoredOptions() -> [Setting] {
    var ignored: [Setting] = []
    if doSample != true {
      let isSet: [(Setting, Bool)] = [
        ("temperature", temperature != nil), ("top_k", topK != nil), ("top_p", topP != nil),
        ("min_p", minP != nil), ("typical_p", typicalP != nil), ("seed", seed != nil),
      ]
      ignored += isSet.filter(\.1).map(\.0)
    }
    if numBeams ?? 1 == 1 {
      let isSet: [(Setting, Bool)] = [
        ("early_stopping", earlyStopping != nil), ("length_penalty", lengthPenalty != nil),
      ]
      ignored += isSet.filter(\.1).map(\.0)
    }
    return ignored
  }

  private func validateLengths() throws {
    try require(maxLength, "max_length", "at least 2 (the start token counts)") { $0 >= 2 }
    try require(maxNewTokens, "max_new_tokens", "at least 1") { $0 >= 1 }
    try require(minLength, "min_length", "0 or more") { $0 >= 0 }
    try require(minNewTokens, "min_new_tokens", "0 or more") { $0 >= 0 }
  }

  /// Beyond lie mistakes, which would compute for hours.
  private static let mostBeams = 1024

  private func validateSearch() throws {
    try require(numBeams, "num_beams", "from 1 to \(Self.mostBeams)") {
      (1...Self.mostBeams).contains($0)
    }
    try require(lengthPenalty, "length_penalty", "a finite number") { $0.isFinite }
    try require(numReturnSequences, "num_return_sequences", "at least 1") { $0 >= 1 }
    let beams = numBeams ?? 1
    let returned = numReturnSequences ?? 1
    if beams > 1, returned > beams {
      throw GenerationError.contradiction(
        "`num_return_sequences` \(returned) is more than `num_beams` \(beams): beam search has only as many captions"
      )
    }
    if beams == 1, returned > 1, doSample != true {
      throw GenerationError.contradiction(
        "`num_return_sequences` \(returned) needs `num_beams` \(returned) or `do_sample`: greedy search has one caption"
      )
    }
  }

  private func validateProcessors() throws {
    try require(repetitionPenalty, "repetition_penalty", "a number above 0") { $0 > 0 && $0.isFinite }
    try require(noRepeatNgramSize, "no_repeat_ngram_size", "0 (off) or more") { $0 >= 0 }
    try require(badWordsIDs, "bad_words_ids", "lists of token ids, none empty") {
      $0.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0 } }
    }
    let suppressed = Set(suppressTokens ?? [])
    let forced = [
      ("forced_bos_token_id", forcedBOSTokenID.map { [$0] }), ("forced_eos_token_id", forcedEOSTokenIDs),
    ]
    for case (let name, let ids?) in forced where !ids.isEmpty && suppressed.isSuperset(of: ids) {
      throw GenerationError.contradiction("suppress_tokens rules out every token that \(name) asks for")
    }
  }

  private func validateSampling() throws {
    try require(temperature, "temperature", "a number above 0 (for the likeliest token, don't sample)") {
      $0 > 0 && $0.isFinite
    }
    try require(topK, "top_k", "0 (off) or more") { $0 >= 0 }
    try require(topP, "top_p", "between 0 and 1") { (0...1).contains($0) }
    try require(minP, "min_p", "between 0 and 1") { (0...1).contains($0) }
    try require(typicalP, "typical_p", "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
  }

  private func require<Value>(
    _ value: Value?, _ name: Setting, _ requirement: String, _ isRight: (Value) -> Bool
  ) throws {
    guard let value, !isRight(value) else { return }
    throw SettingError(name, "must be \(requirement), but is \(value)")
  }
}

extension GenerationOptions {
  /// What these options come to with a model: Hugging Face's defaults filled in, lengths as `maxLength` and
  /// `minLength`, everything checked.
  ///
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  public func resolved(for model: any CaptionModel) throws -> GenerationOptions {
    let plan = try GenerationPlan(
      self, vocabularySize: model.vocabularySize, maximumLength: model.maximumLength)
    var options = plan.options
    (options.maxLength, options.maxNewTokens) = (plan.maxLength, nil)
    (options.minLength, options.minNewTokens) = (plan.minLength, nil)
    return options
  }

  /// How captions are found and how long they get, for people: "greedy search, at most 20 tokens".
  ///
  /// - Precondition: these are options that ``resolved(for:)`` gave.
  public var summary: String {
    let beams = numBeams ?? 1
    let sampling = doSample ?? false
    let search =
      switch (beams > 1, sampling) {
      case (true, false): "\(beams) beams"
      case (true, true): "\(beams) beams with sampling"
      case (false, true): "sampling"
      case (false, false): "greedy search"
      }
    return "\(search), at most \((maxLength ?? 1) - 1) tokens"
  }
}

/// When beam search stops looking for better captions of an image that has as many finished ones as beams.
public enum EarlyStopping: String, Sendable, CaseIterable, Codable {
  /// Stop at once.
  case always = "true"
  /// Stop when the best running beam, scored at its present length, is no better than the worst finished one.
  case heuristic = "false"
  /// Stop only when no running beam can become better (with a positive length penalty: not even at full length).
  case never
}
