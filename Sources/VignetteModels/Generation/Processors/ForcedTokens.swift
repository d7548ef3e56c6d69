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
