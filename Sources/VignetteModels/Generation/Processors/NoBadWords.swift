/// Rules out the last token of each bad word whose other tokens the caption ends with.
struct NoBadWords: LogitsProcessor {
  let words: [[Int]]

  /// An end token by itself is never a bad word.
  init(words: [[Int]], endTokenIDs: [Int]) {
    self.words = words.filter { word in
      !(word.count == 1 && endTokenIDs.contains(word[0]))
    }
  }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    for word in words where prefix.count >= word.count - 1 {
      if let last = word.last, prefix.suffix(word.count - 1).elementsEqual(word.dropLast()) {
        scores[last] = -.infinity
      }
    }
  }
}
