/// Splits a text into the words that ROUGE compares, as the Python package rouge_score does.
///
/// The text is lowercased, everything but `a`–`z` and `0`–`9` separates words, and words of more than
/// three characters may be stemmed.
package struct RougeTokenizer: Sendable {
  /// Whether words are reduced to their stems by the Porter stemmer.
  package let useStemmer: Bool

  package init(useStemmer: Bool = false) {
    self.useStemmer = useStemmer
  }

  /// The words of `text`, stemmed if the tokenizer was asked to.
  package func tokens(in text: String) -> [String] {
    var tokens: [String] = []
    Self.forEachWord(in: text) { word in
      tokens.append(String(decoding: useStemmer ? Self.stem(word) : Array(word), as: UTF8.self))
    }
    return tokens
  }

  /// The stem of a word of more than three letters; a shorter one as it is.
  static func stem(_ word: some Collection<UInt8>) -> [UInt8] {
    word.count > 3 ? PorterStemmer.stem(Array(word)) : Array(word)
  }

  /// Calls `body` with each lowercased word, not stemmed.
  static func forEachWord(in text: String, _ body: (ArraySlice<UInt8>) -> Void) {
    let lowered = lowercasedASCII(text)
    var start = 0
    for (index, byte) in lowered.enumerated() where byte == Self.separator {
      if index > start { body(lowered[start..<index]) }
      start = index + 1
    }
    if start < lowered.count { body(lowered[start...]) }
  }

  private static let separator = UInt8(ascii: " ")

  /// The text with ASCII letters and digits lowercased and everything else turned into separators.
  private static func lowercasedASCII(_ text: String) -> [UInt8] {
    var lowered: [UInt8] = []
    lowered.reserveCapacity(text.utf8.count + 1)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9": lowered.append(UInt8(truncatingIfNeeded: scalar.value))
      case "A"..."Z": lowered.append(UInt8(truncatingIfNeeded: scalar.value | 0x20))
      // The two characters outside ASCII whose lowercase form begins with an ASCII letter.
      case "\u{212A}": lowered.append(UInt8(ascii: "k"))
      case "\u{130}": lowered += [UInt8(ascii: "i"), separator]
      default: lowered.append(separator)
      }
    }
    return lowered
  }
}

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
