/// Changes the scores of a caption's next token before one is chosen.
///
/// The scores are logits in greedy search and sampling, and log-probabilities in beam search, as in Transformers.
public protocol LogitsProcessor: Sendable {
  /// - Parameters:
  ///   - scores: One score a vocabulary entry; -infinity rules a token out.
  ///   - prefix: The caption so far, the start token first.
  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int])
}

extension GenerationPlan {
  /// The processors that the options ask for, in Transformers' order, with the caller's own between those that
  /// constrain and those that shape a distribution to sample from.
  package func processors(custom: [any LogitsProcessor]) -> [any LogitsProcessor] {
    constraints() + custom + (doSample ? warpers() : [])
  }

  private func constraints() -> [any LogitsProcessor] {
    var list: [any LogitsProcessor] = []
    if let penalty = options.repetitionPenalty, penalty != 1 {
      list.append(RepetitionPenalty(penalty: penalty))
    }
    if let size = options.noRepeatNgramSize, size > 0 {
      list.append(NoRepeatNgram(size: size))
    }
    if let words = options.badWordsIDs, !words.isEmpty {
      list.append(NoBadWords(words: words, endTokenIDs: endTokenIDs))
    }
    if minLength > 1, !endTokenIDs.isEmpty {
      list.append(MinLength(minLength: minLength, endTokenIDs: endTokenIDs))
    }
    if let token = options.forcedBOSTokenID {
      list.append(ForcedTokens(tokenIDs: [token], atLength: 1))
    }
    if let tokens = options.forcedEOSTokenIDs, !tokens.isEmpty {
      list.append(ForcedTokens(tokenIDs: tokens, atLength: maxLength - 1))
    }
    if let tokens = options.suppressTokens, !tokens.isEmpty {
      list.append(SuppressTokens(tokenIDs: tokens, atLength: nil))
    }
    if let tokens = options.beginSuppressTokens, !tokens.isEmpty {
      let begin = options.forcedBOSTokenID == nil ? 1 : 2
      list.append(SuppressTokens(tokenIDs: tokens, atLength: begin))
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
    if let count = options.topK, count > 0 {
      list.append(TopK(count: count, minTokensToKeep: least))
    }
    if let mass = options.topP, mass < 1 {
      list.append(TopP(mass: mass, minTokensToKeep: least))
    }
    if let part = options.minP {
      list.append(MinP(part: part, minTokensToKeep: least))
    }
    if let mass = options.typicalP, mass < 1 {
      list.append(TypicalP(mass: mass, minTokensToKeep: least))
    }
    return list
  }
}
