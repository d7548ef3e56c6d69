public import VignetteFiles

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
        ("temperature", temperature != nil), ("top_h", topH != nil), ("top_k", topK != nil),
        ("top_p", topP != nil), ("min_p", minP != nil), ("typical_p", typicalP != nil),
        ("epsilon_cutoff", epsilonCutoff != nil), ("eta_cutoff", etaCutoff != nil), ("seed", seed != nil),
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
    try require(stopStrings, "stop_strings", "texts, none empty") { !$0.contains("") }
    try require(maxTime, "max_time", "0 seconds or more") { $0 >= 0 }
  }

  /// Beyond lie mistakes, which would compute for hours.
  private static let mostBeams = 1024

  private func validateSearch() throws {
    if let search = MovedSearch(self) { throw search.error }
    try require(numBeams, "num_beams", "from 1 to \(Self.mostBeams)") {
      (1...Self.mostBeams).contains($0)
    }
    try require(lengthPenalty, "length_penalty", "a finite number") { $0.isFinite }
    try require(numReturnSequences, "num_return_sequences", "at least 1") { $0 >= 1 }
    try require(topLogProbabilities, "top_log_probabilities", "0 (none) or more") { $0 >= 0 }
    let beams = numBeams ?? 1
    let returned = numReturnSequences ?? 1
    if beams > 1, returned > beams {
      throw GenerationError.contradiction(
        "\(named("num_return_sequences", returned)) is more than \(named("num_beams", beams)): beam search has only as "
          + "many captions"
      )
    }
    if beams == 1, returned > 1, doSample != true {
      throw GenerationError.contradiction(
        "\(named("num_return_sequences", returned)) needs `num_beams` \(returned) or `do_sample`: greedy search has one "
          + "caption"
      )
    }
  }

  private func validateProcessors() throws {
    try require(repetitionPenalty, "repetition_penalty", "a number above 0") { $0 > 0 && $0.isFinite }
    try require(noRepeatNgramSize, "no_repeat_ngram_size", "0 (off) or more") { $0 >= 0 }
    try require(badWordsIDs, "bad_words_ids", "lists of token ids, none empty") {
      $0.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0 >= 0 } }
    }
    try require(sequenceBias, "sequence_bias", "lists of token ids, none empty, with a number each") {
      $0.allSatisfy { !$0.tokenIDs.isEmpty && $0.tokenIDs.allSatisfy { $0 >= 0 } && !$0.bias.isNaN }
    }
    try require(
      exponentialDecayLengthPenalty, "exponential_decay_length_penalty",
      "a number of tokens, 0 or more, and a factor above 0"
    ) { (0...Int(Int32.max)).contains($0.start) && $0.factor > 0 && $0.factor.isFinite }
    if exponentialDecayLengthPenalty != nil, (eosTokenIDs ?? []).isEmpty {
      throw GenerationError.contradiction(
        "\(named("exponential_decay_length_penalty")) makes end tokens likelier, but eos_token_id names none")
    }
    let suppressed = Set(suppressTokens ?? [])
    let forced: [(Setting, [Int]?)] = [
      ("forced_bos_token_id", forcedBOSTokenID.map { [$0] }), ("forced_eos_token_id", forcedEOSTokenIDs),
    ]
    for case (let name, let ids?) in forced where !ids.isEmpty && suppressed.isSuperset(of: ids) {
      throw GenerationError.contradiction(
        "\(named("suppress_tokens")) rules out every token that \(named(name)) asks for")
    }
  }

  private func validateSampling() throws {
    try require(temperature, "temperature", "a number above 0 (for the likeliest token, don't sample)") {
      $0 > 0 && $0.isFinite
    }
    try require(topH, "top_h", "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    try require(topK, "top_k", "0 (off) or more") { $0 >= 0 }
    try require(topP, "top_p", "between 0 and 1") { (0...1).contains($0) }
    try require(minP, "min_p", "between 0 and 1") { (0...1).contains($0) }
    try require(typicalP, "typical_p", "above 0 and at most 1") { $0 > 0 && $0 <= 1 }
    try require(epsilonCutoff, "epsilon_cutoff", "0 (off) or more, and below 1") { (0..<1).contains($0) }
    try require(etaCutoff, "eta_cutoff", "0 (off) or more, and below 1") { (0..<1).contains($0) }
  }

  private func require<Value>(
    _ value: Value?, _ name: Setting, _ requirement: String, _ isRight: (Value) -> Bool
  ) throws {
    guard let value, !isRight(value) else { return }
    throw problem(name, "must be \(requirement), but is \(value)")
  }
}
