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
