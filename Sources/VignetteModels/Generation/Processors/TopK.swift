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
