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
