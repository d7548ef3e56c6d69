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
