import VignetteFiles

/// The options of one image's captions with nothing left open: defaults filled in, lengths in one unit, everything
/// checked against the model.
package struct GenerationPlan: Sendable {
  /// The tokens that are given, not generated: one at least.
  package let prompt: [Int]
  /// The greatest number of tokens of a caption, the prompt's counted.
  package let maxLength: Int
  /// The number of tokens, the prompt's counted, before which no end token may come.
  package let minLength: Int
  package let numBeams: Int
  package let doSample: Bool
  package let earlyStopping: EarlyStopping
  package let lengthPenalty: Double
  package let numReturnSequences: Int
  package let seed: UInt64
  package let endTokenIDs: [Int]
  /// The number of likeliest tokens to return with each token.
  package let alternativeCount: Int
  /// All options, filled from the defaults.
  package let options: GenerationOptions

  /// The rows that each image needs while it is captioned.
  var rowsPerImage: Int { numBeams > 1 ? numBeams : numReturnSequences }

  /// - Parameter prompt: what captions begin with; the start token if nil.
  /// - Throws: `GenerationError` where the options contradict each other, `SettingError` where one doesn't suit the
  ///   model.
  package init(
    _ requested: GenerationOptions, prompt: [Int]? = nil, vocabularySize: Int, maximumLength: Int
  ) throws {
    try requested.validate()
    let options = requested.filled(from: .defaults)
    let defaults = GenerationOptions.defaults
    self.options = options
    numBeams = options.numBeams ?? 1
    doSample = options.doSample ?? false
    earlyStopping = options.earlyStopping ?? .heuristic
    lengthPenalty = options.lengthPenalty ?? 1
    numReturnSequences = options.numReturnSequences ?? 1
    seed = options.seed ?? defaults.seed ?? 0
    endTokenIDs = options.eosTokenIDs ?? []
    alternativeCount = options.topLogProbabilities ?? 0

    let start = options.decoderStartTokenID ?? options.bosTokenID
    guard let given = prompt ?? start.map({ [$0] }), !given.isEmpty else {
      throw GenerationError.missingStartToken
    }
    guard options.prompt == nil || prompt != nil else {
      throw GenerationError.contradiction(
        "`prompt` is a text, and captions are token ids here: give the prompt's tokens (prompts)")
    }
    self.prompt = given
    // The start token is no part of what a caller asks for as a prompt.
    let startName: Setting = options.decoderStartTokenID == nil ? "bos_token_id" : "decoder_start_token_id"
    let checked: [(Setting, [Int]?)] = [
      (startName, given.first == start ? [given[0]] : nil), ("prompt", given),
      ("forced_bos_token_id", options.forcedBOSTokenID.map { [$0] }),
      ("forced_eos_token_id", options.forcedEOSTokenIDs),
      ("bad_words_ids", options.badWordsIDs?.flatMap(\.self)),
      ("sequence_bias", options.sequenceBias?.flatMap(\.tokenIDs)),
    ]
    for (name, ids) in checked {
      guard let wrong = ids?.first(where: { !(0..<vocabularySize).contains($0) }) else { continue }
      throw options.problem(
        name, "must be a token id below the vocabulary's size, \(vocabularySize), but is \(wrong)")
    }
    if numBeams > 1, max(2, endTokenIDs.count + 1) > vocabularySize {
      throw GenerationError.contradiction(
        "beam search needs a vocabulary larger than the number of end tokens, \(endTokenIDs.count): "
          + "\(vocabularySize) tokens are too few")
    }
    (minLength, maxLength) = try Self.lengths(options, prompt: given.count, limit: maximumLength)
  }

  /// Transformers' rules: the prompt counts in `maxLength` and not in `maxNewTokens`; where neither is set, there are 20
  /// new tokens, or as many as the decoder has positions for.
  ///
  /// The last token of a caption is never fed back, hence one more than there are positions.
  private static func lengths(
    _ options: GenerationOptions, prompt: Int, limit positions: Int
  ) throws -> (min: Int, max: Int) {
    let positions = max(positions, 1)
    let limit = positions + 1 - prompt
    guard limit >= 1 else {
      throw SettingError(
        "prompt",
        "must have at most \(positions) tokens with the start token, as many as the decoder has positions, but has "
          + "\(prompt)")
    }
    let new = options.maxNewTokens
    let longest = new ?? options.maxLength.map { $0 - prompt } ?? min(20, limit)
    guard longest <= limit else {
      throw options.problem(
        new == nil ? "max_length" : "max_new_tokens",
        "must be at most \(new == nil ? limit + prompt : limit), as the decoder has \(positions) positions, "
          + "but is \(new ?? longest + prompt)")
    }
    guard longest >= 1 else {
      throw options.problem(
        "max_length", "must be more than the prompt's \(prompt) tokens, but is \(longest + prompt)")
    }
    let shortest = options.minNewTokens ?? options.minLength.map { max($0 - prompt, 0) } ?? 0
    guard shortest <= longest else {
      let least = options.named(options.minNewTokens == nil ? "min_length" : "min_new_tokens")
      let most = options.named(new == nil ? "max_length" : "max_new_tokens")
      throw GenerationError.contradiction(
        "the shortest caption allowed has \(shortest) tokens (\(least)) and the longest \(longest) (\(most)): "
          + "lower the one or raise the other")
    }
    return (shortest + prompt, longest + prompt)
  }
}

extension GenerationPlan {
  /// The processors that the options ask for, in Transformers' order (`_get_logits_processor`), with the caller's own
  /// between those that constrain and those that shape a distribution to sample from.
  package func processors(custom: [any LogitsProcessor]) -> [any LogitsProcessor] {
    constraints() + custom + (doSample ? warpers() : [])
      + (options.renormalizeLogits == true ? [Renormalization()] : [])
  }

  /// The texts that end captions; nil for none.
  ///
  /// - Throws: `GenerationError` without a tokenizer's `tokenText`, `SettingError` where captions can't have the texts.
  func stopStrings(_ tokenText: TokenText?) throws -> StopStrings? {
    guard let texts = options.stopStrings, !texts.isEmpty else { return nil }
    guard let tokenText else {
      throw GenerationError.contradiction(
        "`stop_strings` are texts, and captions are token ids here: give what the tokens stand for (tokenText)"
      )
    }
    return try StopStrings(texts, tokenText)
  }

  /// What ends captions; the first that does is why.
  package func stoppingCriteria(_ stopStrings: StopStrings? = nil) -> [any StoppingCriterion] {
    var list: [any StoppingCriterion] = [EndTokens(tokenIDs: endTokenIDs)]
    if let stopStrings { list.append(stopStrings) }
    list.append(MaxLength(maxLength: maxLength))
    if let seconds = options.maxTime { list.append(MaxTime(seconds: seconds)) }
    return list
  }

  private func constraints() -> [any LogitsProcessor] {
    var list: [any LogitsProcessor] = []
    if let sequences = options.sequenceBias, !sequences.isEmpty {
      list.append(SequenceBias(sequences))
    }
    if let penalty = options.repetitionPenalty, penalty != 1 {
      list.append(RepetitionPenalty(penalty: penalty))
    }
    if let size = options.noRepeatNgramSize, size > 0 {
      list.append(NoRepeatNgram(size: size))
    }
    if let words = options.badWordsIDs, !words.isEmpty {
      list.append(SequenceBias(badWords: words, endTokenIDs: endTokenIDs))
    }
    if minLength > prompt.count, !endTokenIDs.isEmpty {
      list.append(MinLength(minLength: minLength, endTokenIDs: endTokenIDs))
    }
    if let token = options.forcedBOSTokenID {
      list.append(ForcedTokens(tokenIDs: [token], atLength: 1))
    }
    if let tokens = options.forcedEOSTokenIDs, !tokens.isEmpty {
      list.append(ForcedTokens(tokenIDs: tokens, atLength: maxLength - 1))
    }
    if let decay = options.exponentialDecayLengthPenalty {
      list.append(
        ExponentialDecay(
          start: decay.start + prompt.count, factor: decay.factor, endTokenIDs: endTokenIDs))
    }
    if let tokens = options.suppressTokens, !tokens.isEmpty {
      list.append(SuppressTokens(tokenIDs: tokens, atLength: nil))
    }
    if let tokens = options.beginSuppressTokens, !tokens.isEmpty {
      let isForced = options.forcedBOSTokenID != nil && prompt.count == 1
      list.append(SuppressTokens(tokenIDs: tokens, atLength: prompt.count + (isForced ? 1 : 0)))
    }
    return list
  }

  private func warpers() -> [any LogitsProcessor] {
    // A beam needs one token more than the ends, so that it can go on.
    let least = numBeams > 1 ? endTokenIDs.isEmpty ? 2 : endTokenIDs.count + 1 : 1
    var list: [any LogitsProcessor] = []
    if let temperature = options.temperature, temperature != 1 {
      list.append(Temperature(temperature: temperature))
    }
    if let part = options.topH {
      list.append(TopH(part: part))
    }
    if let count = options.topK, count > 0 {
      list.append(TopK(count: count, minTokensToKeep: least))
    }
    if let mass = options.topP, mass < 1 {
      list.append(TopP(mass: mass, minTokensToKeep: least))
    }
    if let part = options.minP {
      list.append(ProbabilityCutoff.minP(part, minTokensToKeep: least))
    }
    if let mass = options.typicalP, mass < 1 {
      list.append(TypicalP(mass: mass, minTokensToKeep: least))
    }
    if let probability = options.epsilonCutoff, probability > 0 {
      list.append(ProbabilityCutoff.epsilon(probability, minTokensToKeep: least))
    }
    if let probability = options.etaCutoff, probability > 0 {
      list.append(ProbabilityCutoff.eta(probability, minTokensToKeep: least))
    }
    return list
  }
}
