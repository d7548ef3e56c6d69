import Foundation

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
