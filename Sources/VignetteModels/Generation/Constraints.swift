/// Divides positive scores of the tokens in the caption by a penalty and multiplies negative ones by it
/// (Keskar et al., CTRL, 2019).
struct RepetitionPenalty: LogitsProcessor {
  let penalty: Float

  init(penalty: Double) { self.penalty = Float(penalty) }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    for (index, token) in prefix.enumerated() where !prefix[..<index].contains(token) {
      let score = scores[token]
      scores[token] = score < 0 ? score * penalty : score / penalty
    }
  }
}

/// Rules out tokens that would repeat a sequence of `size` tokens (the start token belongs to the first sequence).
struct NoRepeatNgram: LogitsProcessor {
  let size: Int

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard prefix.count >= size else { return }
    let context = prefix.suffix(size - 1)
    for last in (size - 1)..<prefix.count where prefix[(last - size + 1)..<last].elementsEqual(context) {
      scores[prefix[last]] = -.infinity
    }
  }
}

/// Rules out the last token of each bad word whose other tokens the caption ends with.
struct NoBadWords: LogitsProcessor {
  let words: [[Int]]

  /// An end token by itself is never a bad word.
  init(words: [[Int]], endTokenIDs: [Int]) {
    self.words = words.filter { word in
      !(word.count == 1 && endTokenIDs.contains(word[0]))
    }
  }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    for word in words where prefix.count >= word.count - 1 {
      if let last = word.last, prefix.suffix(word.count - 1).elementsEqual(word.dropLast()) {
        scores[last] = -.infinity
      }
    }
  }
}

/// Rules out the end tokens while the caption has fewer than `minLength` tokens.
struct MinLength: LogitsProcessor {
  let minLength: Int
  let endTokenIDs: [Int]

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard prefix.count < minLength else { return }
    for token in endTokenIDs where scores.indices.contains(token) {
      scores[token] = -.infinity
    }
  }
}

/// Leaves only the given tokens, with equal scores, when the caption has a certain length: a first token to begin
/// with, or an end token just before the greatest length.
struct ForcedTokens: LogitsProcessor {
  let tokenIDs: [Int]
  let atLength: Int

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard prefix.count == atLength else { return }
    scores.update(repeating: -.infinity)
    for token in tokenIDs {
      scores[token] = 0
    }
  }
}

/// Rules out tokens everywhere, or only when the caption has a certain length.
struct SuppressTokens: LogitsProcessor {
  let tokenIDs: [Int]
  let atLength: Int?

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    if let atLength, prefix.count != atLength { return }
    for token in tokenIDs where scores.indices.contains(token) {
      scores[token] = -.infinity
    }
  }
}
