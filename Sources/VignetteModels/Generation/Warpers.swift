import Foundation

/// Divides every score by a temperature: below 1 makes the likeliest tokens likelier still.
struct Temperature: LogitsProcessor {
  let temperature: Float

  init(temperature: Double) { self.temperature = Float(temperature) }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    for index in scores.indices {
      scores[index] /= temperature
    }
  }
}

/// Keeps the `count` best tokens, and those as good as the last of them (Fan et al., 2018).
package struct TopK: LogitsProcessor {
  let count: Int

  package init(count: Int, minTokensToKeep: Int) { self.count = max(count, minTokensToKeep) }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard count < scores.count else { return }
    scores.removeBelow(TopSelection.threshold(UnsafeBufferPointer(scores), count: count))
  }
}

extension UnsafeMutableBufferPointer<Float> {
  /// Rules out every score below a threshold.
  func removeBelow(_ threshold: Float) {
    for index in indices where self[index] < threshold {
      self[index] = -.infinity
    }
  }
}

/// Keeps the fewest best tokens whose probabilities together reach `mass` (nucleus sampling, Holtzman et al., 2019).
///
/// Of equally good tokens at the edge the later ones stay; Transformers leaves that to an unstable sort.
package struct TopP: LogitsProcessor {
  /// The mass of the tokens to rule out, in the precision in which torch compares.
  let tail: Float
  let minTokensToKeep: Int

  package init(mass: Double, minTokensToKeep: Int) {
    tail = Float(1 - mass)
    self.minTokensToKeep = minTokensToKeep
  }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let scored = UnsafeBufferPointer(scores)
    let normalizer = Softmax.normalizer(scored)
    guard normalizer.isFinite else { return }
    // All tokens at or below this score together weigh no more than the tail, so only those above need sorting.
    let share = tail / Float(max(scores.count, 1))
    let smallest = share > 0 ? normalizer.maximum + logf(share * normalizer.sum) : -.infinity
    let least = TopSelection.threshold(scored, count: min(minTokensToKeep, scores.count))
    let edge = min(smallest, least)
    var likely = scores.indices.filter { scored[$0] >= edge && scored[$0] > -.infinity }
    likely.sort { scored[$0] == scored[$1] ? $0 > $1 : scored[$0] > scored[$1] }

    var above = 0.0
    var kept = 0
    for token in likely {
      guard kept < minTokensToKeep || Float(1 - above) > tail else { break }
      above += Double(normalizer.probability(of: scored[token]))
      kept += 1
    }
    let keptScores = likely[..<kept].map { (token: $0, score: scored[$0]) }
    scores.update(repeating: -.infinity)
    for (token, score) in keptScores {
      scores[token] = score
    }
  }
}

/// Keeps tokens at least `part` as probable as the likeliest one (Nguyen et al., 2024).
package struct MinP: LogitsProcessor {
  let part: Float
  let minTokensToKeep: Int

  package init(part: Double, minTokensToKeep: Int) {
    self.part = Float(part)
    self.minTokensToKeep = minTokensToKeep
  }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let normalizer = Softmax.normalizer(UnsafeBufferPointer(scores))
    guard normalizer.isFinite else { return }
    let bound = part * normalizer.probability(of: normalizer.maximum)
    let least = TopSelection.threshold(UnsafeBufferPointer(scores), count: min(minTokensToKeep, scores.count))
    for index in scores.indices
    where scores[index] < least && normalizer.probability(of: scores[index]) < bound {
      scores[index] = -.infinity
    }
  }
}

/// Keeps the tokens whose information content is nearest the distribution's entropy, until their probabilities
/// together reach `mass` (locally typical sampling, Meister et al., 2022).
package struct TypicalP: LogitsProcessor {
  let mass: Float
  let minTokensToKeep: Int

  package init(mass: Double, minTokensToKeep: Int) {
    self.mass = Float(mass)
    self.minTokensToKeep = minTokensToKeep
  }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let normalizer = Softmax.normalizer(UnsafeBufferPointer(scores))
    guard normalizer.isFinite else { return }
    let candidates = scores.indices.filter { scores[$0] > -.infinity }
    var entropy: Float = 0
    for token in candidates {
      let logProbability = normalizer.logProbability(of: scores[token])
      entropy -= logProbability * expf(logProbability)
    }
    let distances = scores.map { abs(-normalizer.logProbability(of: $0) - entropy) }
    let sorted = candidates.sorted { distances[$0] < distances[$1] }

    // Transformers keeps every token no farther than the first one at which the sum reaches the mass.
    var sum = 0.0
    var last = 0
    for token in sorted {
      sum += Double(normalizer.probability(of: scores[token]))
      guard Float(sum) < mass, last < sorted.count - 1 else { break }
      last += 1
    }
    let bound = distances[sorted[last]]
    let removed = sorted.dropFirst(minTokensToKeep).filter { distances[$0] > bound }
    for token in removed {
      scores[token] = -.infinity
    }
  }
}
