import VignetteFiles

/// Trains a byte-level BPE tokenizer, as GPT-2's was.
///
/// Gives the vocabulary and the merges of Hugging Face `tokenizers`' `BpeTrainer` with its `ByteLevel`
/// pre-tokeniser and `ByteLevel.alphabet()`: special tokens, the 256 bytes, then the tokens that merging the most
/// frequent pair makes, over and over; of pairs equally frequent, the one with the lowest ids.
public struct ByteLevelBPETrainer: Sendable {
  /// How many tokens to make, special ones and bytes included. Fewer if pairs run out.
  public var vocabSize: Int
  /// Pairs that are seen less often aren't merged.
  public var minFrequency: Int
  /// Tokens that get the first ids. `<|endoftext|>` also becomes the beginning, end and unknown token.
  public var specialTokens: [String]

  public init(
    vocabSize: Int = 30_000, minFrequency: Int = 0, specialTokens: [String] = ["<|endoftext|>"]
  ) {
    self.vocabSize = vocabSize
    self.minFrequency = minFrequency
    self.specialTokens = specialTokens
  }

  /// Trains on texts, of which the order doesn't matter.
  ///
  /// - Parameter progress: gets how many of ``vocabSize`` tokens there are so far.
  /// - Throws: ``TokenizerError/untrainable(problem:)`` where the options can't be met.
  public func train(
    on texts: some Sequence<String>, progress: (_ tokens: Int) -> Void = { _ in }
  ) throws -> any Tokenizer {
    guard (0...Vocabulary.maximumID).contains(vocabSize) else {
      throw TokenizerError.untrainable(
        problem: "vocabSize is \(vocabSize), not from 0 to \(Vocabulary.maximumID)")
    }
    var tokens = ByteTable(capacity: vocabSize)
    for token in specialTokens where !token.isEmpty { _ = tokens.insert(token.utf8) }
    var idOfByte = [Int32](repeating: 0, count: 256)
    // The alphabet is in the order of its spelling, not of the bytes.
    for byte in (0..<256).sorted(by: { ByteAlphabet.scalars[$0] < ByteAlphabet.scalars[$1] }) {
      idOfByte[byte] = Int32(tokens.insert(ByteAlphabet.spelling(UInt8(byte))).index)
    }
    var merging = PairMerging(words: Self.count(texts), idOfByte: idOfByte)
    let pairs = merging.run(
      &tokens, vocabSize: vocabSize, minFrequency: minFrequency, progress: progress)
    return try tokenizer(tokens, pairs)
  }

  /// How often each pre-tokenised word comes.
  private static func count(_ texts: some Sequence<String>) -> [(word: ArraySlice<UInt8>, count: Int)] {
    var words = ByteTable()
    var counts: [Int] = []
    for var text in texts {
      text.withUTF8 { bytes in
        var splitter = ByteLevelSplitter(bytes)
        while let range = splitter.next() {
          let (index, isNew) = words.insert(UnsafeBufferPointer(rebasing: bytes[range]))
          if isNew { counts.append(1) } else { counts[index] += 1 }
        }
      }
    }
    return counts.indices.map { (words[$0], counts[$0]) }
  }

  private func tokenizer(_ tokens: ByteTable, _ pairs: [PairMerging.Pair]) throws -> any Tokenizer {
    var vocabulary = Vocabulary(capacity: tokens.count)
    for index in 0..<tokens.count { try vocabulary.insert(tokens[index], id: Int32(index)) }
    var merges = MergeTable(capacity: pairs.count)
    for pair in pairs { merges.append(pair.left, pair.right, id: pair.joined) }

    let endOfText = "<|endoftext|>"
    let named: JSONValue = specialTokens.contains(endOfText) ? .string(endOfText) : .null
    let config: JSONObject = [
      "tokenizer_class": .string(TokenizerKind.gpt2.rawValue), "add_prefix_space": false,
      "clean_up_tokenization_spaces": false, "bos_token": named, "eos_token": named, "unk_token": named,
      "additional_special_tokens": .array(specialTokens.filter { $0 != endOfText }.map { .string($0) }),
    ]
    return try PretrainedTokenizer(
      TokenizerFile(vocabularyOnly: .bpe(vocabulary, merges)),
      try TokenizerSettings(config: config, kind: .gpt2), .gpt2, hasPipeline: false,
      source: "the trained tokenizer")
  }
}
