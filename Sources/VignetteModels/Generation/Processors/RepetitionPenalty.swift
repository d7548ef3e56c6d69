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
