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

/// Keeps tokens of some probability at least.
package struct ProbabilityCutoff: LogitsProcessor {
  private enum Bound {
    case share(Float)
    case probability(Float)
    case entropy(Float)
  }

  private let bound: Bound
  private let minTokensToKeep: Int

  /// Keeps tokens at least this part as probable as the likeliest one (min-p; Nguyen et al., 2024).
  package static func minP(_ part: Double, minTokensToKeep: Int) -> Self {
    Self(bound: .share(Float(part)), minTokensToKeep: minTokensToKeep)
  }

  /// Keeps tokens of at least this probability (epsilon sampling; Hewitt et al., 2022).
  package static func epsilon(_ probability: Double, minTokensToKeep: Int) -> Self {
    Self(bound: .probability(Float(probability)), minTokensToKeep: minTokensToKeep)
  }

  /// Keeps tokens of at least this probability η, or √η · e^(−entropy) where that is less, as in flat distributions
  /// (eta sampling; Hewitt et al., 2022).
  package static func eta(_ probability: Double, minTokensToKeep: Int) -> Self {
    Self(bound: .entropy(Float(probability)), minTokensToKeep: minTokensToKeep)
  }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let scored = UnsafeBufferPointer(scores)
    let normalizer = Softmax.normalizer(scored)
    guard normalizer.isFinite else { return }
    let bound = bound(scored, normalizer)
    let least = TopSelection.threshold(scored, count: min(minTokensToKeep, scores.count))
    for index in scores.indices
    where scores[index] < least && normalizer.probability(of: scores[index]) < bound {
      scores[index] = -.infinity
    }
  }

  private func bound(_ scores: UnsafeBufferPointer<Float>, _ normalizer: Softmax.Normalizer) -> Float {
    switch bound {
    case .share(let part): part * normalizer.probability(of: normalizer.maximum)
    case .probability(let probability): probability
    case .entropy(let eta): min(eta, eta.squareRoot() * expf(-normalizer.entropy(of: scores)))
    }
  }
}

/// Keeps the likeliest tokens whose shares of the entropy together are at most this part of it, one at least (top-H,
/// arXiv:2509.02510). Only the hundred likeliest are looked at, as by Transformers' `TopHLogitsWarper`.
package struct TopH: LogitsProcessor {
  private let part: Float
  private static let candidates = 100

  package init(part: Double) { self.part = Float(part) }

  package func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    let count = min(Self.candidates, scores.count)
    let best = TopSelection.best(count, of: UnsafeBufferPointer(scores))
    let (normalizer, entropy) = best.map(\.score).withUnsafeBufferPointer { scores in
      let normalizer = Softmax.normalizer(scores)
      return (normalizer, normalizer.entropy(of: scores))
    }
    guard normalizer.isFinite else { return }
    scores.update(repeating: -.infinity)
    var sum = 0.0
    for (number, pair) in best.enumerated() {
      let probability = normalizer.probability(of: pair.score)
      sum -= Double(probability * logf(probability))
      if number == 0 || Float(sum) <= entropy * part { scores[pair.index] = pair.score }
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
    let entropy = normalizer.entropy(of: UnsafeBufferPointer(scores))
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
