import Foundation

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

/// Adds a bias to the score of the last token of each sequence whose other tokens the caption ends with
/// (`SequenceBiasLogitsProcessor`). A bias of -infinity rules the sequence out (`NoBadWordsLogitsProcessor`).
struct SequenceBias: LogitsProcessor {
  /// The biases of single tokens.
  private var single: [Int: Float] = [:]
  /// Longer sequences, cut before their last token.
  private var longer: [(context: [Int], token: Int, bias: Float)] = []

  /// - Parameter sequences: none empty; of two that are equal the later counts.
  init(_ sequences: [GenerationOptions.BiasedSequence]) {
    var biases: [[Int]: Float] = [:]
    var order: [[Int]] = []
    for sequence in sequences {
      if biases.updateValue(Float(sequence.bias), forKey: sequence.tokenIDs) == nil {
        order.append(sequence.tokenIDs)
      }
    }
    // Biases of one token are added in Transformers' order, as floating-point sums depend on it.
    var lengths: [Int] = []
    for ids in order where !lengths.contains(ids.count) { lengths.append(ids.count) }
    for ids in lengths.flatMap({ length in order.filter { $0.count == length } }) {
      guard let token = ids.last, let bias = biases[ids] else { continue }
      if ids.count == 1 {
        single[token] = bias
      } else {
        longer.append((Array(ids.dropLast()), token, bias))
      }
    }
  }

  /// Rules out words. An end token by itself is never a bad word.
  init(badWords words: [[Int]], endTokenIDs: [Int]) {
    self.init(
      words.filter { word in !(word.count == 1 && endTokenIDs.contains(word[0])) }
        .map { GenerationOptions.BiasedSequence(tokenIDs: $0, bias: -.infinity) })
  }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    var sums: [Int: Float] = [:]
    for (context, token, bias) in longer where prefix.suffix(context.count).elementsEqual(context) {
      sums[token] = (sums[token] ?? single[token] ?? 0) + bias
    }
    for (token, bias) in single where sums[token] == nil { scores[token] += bias }
    for (token, sum) in sums { scores[token] += sum }
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

/// Raises the end tokens' scores ever faster, the further the caption is beyond a length
/// (`ExponentialDecayLengthPenalty`).
struct ExponentialDecay: LogitsProcessor {
  /// The length, the prompt's tokens counted, up to which nothing is raised.
  let start: Int
  let factor: Double
  let endTokenIDs: [Int]

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard prefix.count > start else { return }
    let growth = Float(pow(factor, Double(prefix.count - start)) - 1)
    for token in Set(endTokenIDs) where scores.indices.contains(token) && scores[token].isFinite {
      // A large factor must not lead out of the numbers.
      let raised = scores[token] + abs(scores[token]) * growth
      scores[token] = raised.isNaN ? scores[token] : min(raised, .greatestFiniteMagnitude)
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

/// Makes log-probabilities of scores again, after all that changed them (`LogitNormalization`).
struct Renormalization: LogitsProcessor {
  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let normalizer = Softmax.normalizer(UnsafeBufferPointer(scores))
    guard normalizer.isFinite else { return }
    Softmax.writeLogProbabilities(of: UnsafeBufferPointer(scores), to: scores, normalizer)
  }
}
