/// Takes back spaces that a tokenizer puts before English punctuation and contractions.
struct SpaceCleanUp: Sendable {
  private let replacements: [(old: [UInt8], new: [UInt8])]

  /// Applies the replacements one after another.
  func apply(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(0x20) else { return text }
    return replacements.reduce(text) { Self.replacing($1.old, with: $1.new, in: $0) }
  }

  /// What Transformers does to a decoded text when `clean_up_tokenization_spaces` is set.
  static let ofTransformers = SpaceCleanUp([
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ])

  /// What the WordPiece decoder of `tokenizers` does to each token and the space before it.
  static let ofWordPiece = SpaceCleanUp([
    (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
    (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
  ])

  private init(_ replacements: [(String, String)]) {
    self.replacements = replacements.map { (Array($0.0.utf8), Array($0.1.utf8)) }
  }

  private static func replacing(_ old: [UInt8], with new: [UInt8], in text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == old[0], text[index...].starts(with: old) {
        result.append(contentsOf: new)
        index += old.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return result
  }
}
