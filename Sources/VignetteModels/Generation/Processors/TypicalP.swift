import Foundation

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
