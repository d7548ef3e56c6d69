/// A text as ROUGE compares it: its words as numbers, by sentence and all together.
struct RougeText {
  let sentences: [[Int32]]
  let tokens: [Int32]

  /// The words' numbers, sorted.
  let unigrams: [UInt64]

  /// Pairs of neighbouring words, each packed into one number, sorted. Pairs reach across sentences.
  let bigrams: [UInt64]

  init(sentences: [[Int32]]) {
    self.sentences = sentences
    tokens = Array(sentences.joined())
    unigrams = tokens.map { UInt64($0) }.sorted()
    bigrams = zip(tokens, tokens.dropFirst()).map { UInt64($0) << 32 | UInt64($1) }.sorted()
  }
}
