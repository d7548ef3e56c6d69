/// Rules out tokens that would repeat a sequence of `size` tokens (the start token belongs to the first sequence).
struct NoRepeatNgram: LogitsProcessor {
  let size: Int

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    guard prefix.count >= size else { return }
    let context = prefix.suffix(size - 1)
    for last in (size - 1)..<prefix.count where prefix[(last - size + 1)..<last].elementsEqual(context) {
      scores[prefix[last]] = -.infinity
    }
  }
}
