/// Tokens that are characters, as `BertJapaneseTokenizer` has them.
///
/// Transformers cuts text into words first, by MeCab and its dictionary. Of these words only their characters remain, which
/// are those of the text without its white space; so neither is needed.
package struct CharacterTokens: TokenizerModel {
  package let vocabulary: Vocabulary
  package var allowsCleanUp: Bool { true }

  private let unknownID: Int
  /// What `BasicTokenizer` does to text; nil where MeCab comes first.
  private let normalizer: BertNormalizer?
  private let lowercases: Bool

  /// Nil if the vocabulary lacks the unknown token.
  ///
  /// - Parameter isBasic: whether words are BERT's rather than MeCab's.
  init?(vocabulary: Vocabulary, unknownToken: String, isBasic: Bool, lowercases: Bool) {
    guard let unknownID = vocabulary.id(of: unknownToken.utf8) else { return nil }
    self.vocabulary = vocabulary
    self.unknownID = Int(unknownID)
    self.lowercases = lowercases
    var basic = BertNormalizer()
    (basic.splitsChinese, basic.stripsAccents, basic.lowercases) = (false, lowercases, lowercases)
    normalizer = isBasic ? basic : nil
  }

  package func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? { nil }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int]) {
    guard let normalizer else { return encode(UTF8Bytes.scalars(text), into: &ids) }
    normalizer.apply(text).withUnsafeBufferPointer { encode(UTF8Bytes.scalars($0), into: &ids) }
  }

  private func encode(_ scalars: [UInt32], into ids: inout [Int]) {
    var characters = UnicodeForm.nfkc.apply(scalars)
    if lowercases {
      var lowercase: [UInt32] = []
      for scalar in characters { Lowercase.append(scalar, to: &lowercase) }
      characters = lowercase
    }
    var bytes: [UInt8] = []
    for scalar in characters where !CharacterClass.isWhitespace(scalar) {
      bytes.removeAll(keepingCapacity: true)
      UTF8Bytes.append(scalar, to: &bytes)
      ids.append(vocabulary.id(of: bytes).map { Int($0) } ?? unknownID)
    }
  }

  private static let continuation = Array("##".utf8)

  package func textBytes(of token: ArraySlice<UInt8>) -> [UInt8] {
    token.starts(with: Self.continuation) ? Array(token.dropFirst(2)) : [0x20] + token
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    let text = Array(tokens.first ?? []) + tokens.dropFirst().flatMap(textBytes)
    return text.withUnsafeBufferPointer { text in
      let start = UTF8Bytes.spaceEnd(text, after: 0)
      let end = UTF8Bytes.spaceStart(text, before: text.count)
      return String(decoding: text[start..<max(start, end)], as: UTF8.self)
    }
  }
}
