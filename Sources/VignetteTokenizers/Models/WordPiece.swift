import VignetteFiles

/// WordPiece with BERT's basic tokenizer: words are the longest known pieces from left to right.
/// (Devlin et al. 2019, https://arxiv.org/abs/1810.04805)
package struct WordPiece: TokenizerModel {
  package struct Options: Sendable, Equatable {
    package var unknownToken = "[UNK]"
    /// What marks a piece that continues a word.
    package var continuingPrefix = "##"
    /// Longer words are unknown, in Unicode scalars.
    package var maximumWordLength = 100
    package var normalizer: BertNormalizer? = BertNormalizer()
    /// What marks a continuing piece in decoding.
    package var decoderPrefix = "##"
    /// Removes the spaces before punctuation in decoding.
    package var decoderCleansUp = true

    package init() {}
  }

  package let vocabulary: Vocabulary
  package let options: Options
  package var allowsCleanUp: Bool { true }

  private let unknownID: Int
  private let prefix: [UInt8]
  private let decoderPrefix: [UInt8]
  private let longestToken: Int

  /// Nil if the vocabulary lacks the unknown token.
  package init?(vocabulary: Vocabulary, options: Options) {
    guard let unknownID = vocabulary.id(of: options.unknownToken.utf8) else { return nil }
    self.vocabulary = vocabulary
    self.options = options
    self.unknownID = Int(unknownID)
    prefix = Array(options.continuingPrefix.utf8)
    decoderPrefix = Array(options.decoderPrefix.utf8)
    longestToken = vocabulary.ids.lazy.compactMap { vocabulary.token($0)?.count }.max() ?? 0
  }

  package func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    options.normalizer.map { NormalizedText(bytes: $0.apply(text), leading: 0) }
  }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int]) {
    var wordStart = 0
    var wordLength = 0
    var index = 0
    while index < text.count {
      let (scalar, length) = UTF8Bytes.scalar(text, at: index)
      let isPunctuation = CharacterClass.punctuation.contains(scalar)
      if isPunctuation || CharacterClass.isWhitespace(scalar) {
        encode(word: text[wordStart..<index], length: wordLength, into: &ids)
        if isPunctuation { encode(word: text[index..<index + length], length: 1, into: &ids) }
        wordStart = index + length
        wordLength = 0
      } else {
        wordLength += 1
      }
      index += length
    }
    encode(word: text[wordStart...], length: wordLength, into: &ids)
  }

  private func encode(word: Slice<UnsafeBufferPointer<UInt8>>, length: Int, into ids: inout [Int]) {
    guard length > 0 else { return }
    let word = UnsafeBufferPointer(rebasing: word)
    let count = ids.count
    var start = 0
    while start < word.count, length <= options.maximumWordLength,
      let piece = longestPiece(of: word, from: start)
    {
      ids.append(Int(piece.id))
      start = piece.end
    }
    if start < word.count {
      ids.removeSubrange(count...)
      ids.append(unknownID)
    }
  }

  /// The longest token that `word` goes on with at `start`.
  private func longestPiece(of word: UnsafeBufferPointer<UInt8>, from start: Int) -> (id: Int32, end: Int)? {
    prefix.withUnsafeBufferPointer { prefix in
      var end = min(word.count, start + longestToken)
      while end > start {
        if end == word.count || !UTF8Bytes.isContinuation(word[end]) {
          let piece = UnsafeBufferPointer(rebasing: word[start..<end])
          let id = start == 0 ? vocabulary.id(of: piece) : vocabulary.id(of: prefix, followedBy: piece)
          if let id { return (id, end) }
        }
        end -= 1
      }
      return nil
    }
  }

  package func textBytes(of token: ArraySlice<UInt8>) -> [UInt8] {
    cleanedUp(token.starts(with: decoderPrefix) ? token.dropFirst(decoderPrefix.count) : [0x20] + token)
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    guard let first = tokens.first else { return "" }
    let text = cleanedUp(first) + tokens.dropFirst().flatMap(textBytes)
    return String(decoding: text, as: UTF8.self)
  }

  private func cleanedUp(_ piece: ArraySlice<UInt8>) -> [UInt8] {
    options.decoderCleansUp ? SpaceCleanUp.ofWordPiece.apply(Array(piece)) : Array(piece)
  }
}

/// BERT's normalisation of text before it is cut into words.
package struct BertNormalizer: Sendable, Equatable {
  /// Drops control characters and makes all white space a space.
  package var cleansText = true
  /// Puts spaces around Chinese characters, so that each is a word.
  package var splitsChinese = true
  package var stripsAccents = true
  package var lowercases = true

  package init() {}

  /// Reads the `BertNormalizer` of a tokenizer.json.
  init(_ field: JSONField) throws {
    cleansText = try field["clean_text"].value(default: true)
    splitsChinese = try field["handle_chinese_chars"].value(default: true)
    lowercases = try field["lowercase"].value(default: true)
    stripsAccents = try field["strip_accents"].value(default: lowercases)
  }

  package func apply(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var scalars = UTF8Bytes.scalars(text)
    if cleansText {
      scalars.removeAll { CharacterClass.removedByCleaning.contains($0) }
      for index in scalars.indices where CharacterClass.isWhitespace(scalars[index]) { scalars[index] = 0x20 }
    }
    if splitsChinese, scalars.contains(where: CharacterClass.isChinese) {
      scalars = scalars.flatMap { CharacterClass.isChinese($0) ? [0x20, $0, 0x20] : [$0] }
    }
    if stripsAccents, scalars.contains(where: { $0 >= 0x80 }) {
      scalars = CanonicalDecomposition.apply(scalars)
      scalars.removeAll { CharacterClass.accents.contains($0) }
    }
    if lowercases {
      var lowercase: [UInt32] = []
      lowercase.reserveCapacity(scalars.count)
      for scalar in scalars { Lowercase.append(scalar, to: &lowercase) }
      scalars = lowercase
    }
    var output: [UInt8] = []
    output.reserveCapacity(scalars.count)
    for scalar in scalars { UTF8Bytes.append(scalar, to: &output) }
    return output
  }
}

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
