import VignetteFiles

/// CLIP's byte-pair encoding (Radford et al., 2021): text in lower case, and words whose last character's token tells that
/// it ends one, so that no spaces are encoded.
package struct CLIPTokens: TokenizerModel {
  package let vocabulary: Vocabulary
  package var allowsCleanUp: Bool { false }

  private let merges: MergeTable
  private let normalizer: TextNormalizer
  /// The id of each byte's character within a word, and as the end of one; those of bytes that the vocabulary lacks are
  /// the unknown token's.
  private let innerIDs: [Int32]
  private let lastIDs: [Int32]

  /// Nil if the vocabulary lacks the unknown token.
  ///
  /// - Throws: ``TokenizerError``.
  init?(vocabulary: Vocabulary, merges: MergeTable, unknownToken: String, normalizer: JSONField) throws {
    guard let unknownID = vocabulary.id(of: unknownToken.utf8) else { return nil }
    self.vocabulary = vocabulary
    self.merges = merges
    self.normalizer = try TextNormalizer(normalizer)
    let spellings = (0..<256).map { ByteAlphabet.spelling(UInt8($0)) }
    innerIDs = spellings.map { vocabulary.id(of: $0) ?? unknownID }
    lastIDs = spellings.map { vocabulary.id(of: $0 + Self.wordEnd) ?? unknownID }
  }

  private static let wordEnd = Array("</w>".utf8)

  package func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    normalizer.apply(text, leading: leading)
  }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int]) {
    var splitter = CLIPSplitter(text)
    var encoder = BytePairEncoder()
    while let range = splitter.next() {
      let piece = UnsafeBufferPointer(rebasing: text[range])
      // Of what CLIP takes for one piece, GPT-2's expression may still make several.
      var words = ByteLevelSplitter(piece)
      while let word = words.next() {
        encoder.removeAll()
        for index in word {
          encoder.append((index + 1 < word.upperBound ? innerIDs : lastIDs)[Int(piece[index])])
        }
        encoder.merge(with: merges, into: &ids)
      }
    }
  }

  package func textBytes(of token: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    ByteAlphabet.append(token: token, to: &bytes)
    return Self.withSpaces(bytes)
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    var bytes: [UInt8] = []
    for token in tokens { ByteAlphabet.append(token: token, to: &bytes) }
    let text = String(decoding: Self.withSpaces(bytes), as: UTF8.self).unicodeScalars
    guard let start = text.firstIndex(where: { !Self.isStripped($0) }),
      let end = text.lastIndex(where: { !Self.isStripped($0) })
    else { return "" }
    return String(text[start...end])
  }

  /// Whether Python's `str.strip` takes a character, which for it includes the separators of ASCII.
  private static func isStripped(_ scalar: Unicode.Scalar) -> Bool {
    CharacterClass.isWhitespace(scalar.value) || (0x1C...0x1F).contains(scalar.value)
  }

  /// A space for the end of each word.
  private static func withSpaces(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let isEnd = text[index...].starts(with: wordEnd)
      result.append(isEnd ? 0x20 : text[index])
      index += isEnd ? wordEnd.count : 1
    }
    return result
  }
}

extension CLIPTokens {
  /// The parts of a tokenizer.json that `CLIPTokenizer` builds around its vocabulary.
  static let normalizer: JSONValue = [
    "type": "Sequence",
    "normalizers": [
      ["type": "NFC"], ["type": "Replace", "pattern": ["Regex": "\\s+"], "content": " "],
      ["type": "Lowercase"],
    ],
  ]
  static let preTokenizer: JSONValue = [
    "type": "Sequence",
    "pretokenizers": [
      [
        "type": "Split",
        "pattern": [
          "Regex":
            "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
        ],
        "behavior": "Removed", "invert": true,
      ],
      ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true],
    ],
  ]

  static func modelOptions(unknownToken: String) -> JSONObject {
    [
      "type": "BPE", "dropout": nil, "unk_token": .string(unknownToken), "continuing_subword_prefix": "",
      "end_of_word_suffix": "</w>", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
    ]
  }

  /// Whether these are the parts that `CLIPTokenizer` builds.
  static func describes(_ file: TokenizerFile) -> Bool {
    file.preTokenizer == preTokenizer && file.modelOptions["end_of_word_suffix"]?.asString == "</w>"
  }
}

/// CLIP's pre-tokenisation: the matches of
/// `<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`; what lies between is
/// white space.
private struct CLIPSplitter {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private static let literals = [
    "<|startoftext|>", "<|endoftext|>", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d",
  ]
  .map { Array($0.utf8) }

  private enum Kind {
    case letter, number, space, other
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// The next piece as a range of bytes, nil at the end.
  mutating func next() -> Range<Int>? {
    position = UTF8Bytes.spaceEnd(bytes, after: position)
    guard position < bytes.count else { return nil }
    let start = position
    if let literal = Self.literals.first(where: { bytes[start...].starts(with: $0) }) {
      position += literal.count
    } else {
      let first = kind(at: start)
      position += first.length
      while first.kind != .number, position < bytes.count, case let (kind, length) = kind(at: position),
        kind == first.kind
      {
        position += length
      }
    }
    return start..<position
  }

  private func kind(at index: Int) -> (kind: Kind, length: Int) {
    let (scalar, length) = UTF8Bytes.scalar(bytes, at: index)
    if CharacterClass.letters.contains(scalar) { return (.letter, length) }
    if CharacterClass.numbers.contains(scalar) { return (.number, length) }
    return (CharacterClass.isWhitespace(scalar) ? .space : .other, length)
  }
}
