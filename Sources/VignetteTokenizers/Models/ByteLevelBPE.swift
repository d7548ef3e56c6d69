/// Byte-level byte-pair encoding, as GPT-2 and RoBERTa use it.
package struct ByteLevelBPE: TokenizerModel {
  /// How the model departs from GPT-2's.
  package struct Options: Sendable, Equatable {
    /// Puts a space before text that has none, so that the first word is as any other.
    package var addPrefixSpace = false
    /// Cuts text into words first.
    package var usesRegex = true
    /// The token for bytes that the vocabulary lacks; they are left out without one.
    package var unknownToken: String?
    /// Makes one unknown token of several in a row.
    package var fusesUnknown = false
    /// Takes a word that is a token as it is.
    package var ignoresMerges = false

    package init() {}
  }

  package let vocabulary: Vocabulary
  package let merges: MergeTable
  package let options: Options
  package var allowsCleanUp: Bool { false }

  /// The id of each byte's character, or −1.
  private let byteIDs: [Int32]
  private let unknownID: Int32?

  package init(vocabulary: Vocabulary, merges: MergeTable, options: Options) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.options = options
    byteIDs = (0..<256).map { vocabulary.id(of: ByteAlphabet.spelling(UInt8($0))) ?? -1 }
    unknownID = options.unknownToken.flatMap { vocabulary.id(of: $0.utf8) }
  }

  package func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? { nil }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int]) {
    guard options.addPrefixSpace, let first = text.first, first != 0x20 else {
      return split(text, into: &ids)
    }
    var prefixed: [UInt8] = [0x20]
    prefixed.append(contentsOf: text)
    prefixed.withUnsafeBufferPointer { split($0, into: &ids) }
  }

  private func split(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int]) {
    var encoder = BytePairEncoder()
    guard options.usesRegex else { return encode(word: text, &encoder, into: &ids) }
    var splitter = ByteLevelSplitter(text)
    while let range = splitter.next() {
      encode(word: UnsafeBufferPointer(rebasing: text[range]), &encoder, into: &ids)
    }
  }

  private func encode(
    word: UnsafeBufferPointer<UInt8>, _ encoder: inout BytePairEncoder, into ids: inout [Int]
  ) {
    if options.ignoresMerges, let id = vocabulary.id(of: word.flatMap(ByteAlphabet.spelling)) {
      ids.append(Int(id))
      return
    }
    encoder.removeAll()
    var followsUnknown = false
    for byte in word {
      let id = byteIDs[Int(byte)]
      if id >= 0 {
        encoder.append(id)
      } else if let unknownID {
        // `tokenizers` sees characters of the spelling, of which each byte is one.
        if !(followsUnknown && options.fusesUnknown) { encoder.append(unknownID) }
      }
      followsUnknown = id < 0
    }
    encoder.merge(with: merges, into: &ids)
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    var bytes: [UInt8] = []
    for token in tokens { ByteAlphabet.append(token: token, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
