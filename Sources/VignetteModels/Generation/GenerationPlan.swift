/// The options of one run of `generate` with nothing left open: defaults filled in, lengths in one unit, everything
/// checked against the model.
package struct GenerationPlan: Sendable {
  /// The greatest number of tokens of a caption, the start token counted.
  package let maxLength: Int
  /// The number of tokens, the start token counted, before which no end token may come.
  package let minLength: Int
  package let numBeams: Int
  package let doSample: Bool
  package let earlyStopping: EarlyStopping
  package let lengthPenalty: Double
  package let numReturnSequences: Int
  package let seed: UInt64
  package let startTokenID: Int
  package let endTokenIDs: [Int]
  /// All options, filled from the defaults.
  package let options: GenerationOptions

  /// The rows that each image needs while it is captioned.
  var rowsPerImage: Int { numBeams > 1 ? numBeams : numReturnSequences }

  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  package init(_ requested: GenerationOptions, vocabularySize: Int, maximumLength: Int) throws {
    try requested.validate()
    let options = requested.filled(from: .defaults)
    let defaults = GenerationOptions.defaults
    self.options = options
    numBeams = options.numBeams ?? 1
    doSample = options.doSample ?? false
    earlyStopping = options.earlyStopping ?? .heuristic
    lengthPenalty = options.lengthPenalty ?? 1
    numReturnSequences = options.numReturnSequences ?? 1
    seed = options.seed ?? defaults.seed ?? 0
    endTokenIDs = options.eosTokenIDs ?? []

    guard let start = options.decoderStartTokenID ?? options.bosTokenID else {
      throw GenerationError.missingStartToken
    }
    startTokenID = start
    try Self.check([start], "decoder_start_token_id", vocabularySize)
    try Self.check(options.forcedBOSTokenID.map { [$0] } ?? [], "forced_bos_token_id", vocabularySize)
    try Self.check(options.forcedEOSTokenIDs ?? [], "forced_eos_token_id", vocabularySize)
    try Self.check(options.badWordsIDs?.flatMap(\.self) ?? [], "bad_words_ids", vocabularySize)
    if numBeams > 1, max(2, endTokenIDs.count + 1) > vocabularySize {
      throw GenerationError.contradiction(
        "beam search needs a vocabulary larger than the number of end tokens, \(endTokenIDs.count): "
          + "\(vocabularySize) tokens are too few")
    }
    (minLength, maxLength) = try Self.lengths(options, limit: maximumLength)
  }

  /// Transformers' rules: the start token counts in `maxLength` and not in `maxNewTokens`; where neither is set,
  /// there are 20 new tokens, or as many as the decoder has positions for.
  ///
  /// The last token of a caption is never fed back, hence one more than there are positions.
  private static func lengths(_ options: GenerationOptions, limit: Int) throws -> (min: Int, max: Int) {
    let limit = max(limit, 1)
    let new = options.maxNewTokens
    let longest = new ?? options.maxLength.map { $0 - 1 } ?? min(20, limit)
    guard longest <= limit else {
      throw GenerationError.invalidOption(
        option: new == nil ? "--max-length" : "--max-new-tokens", value: "\(new ?? longest + 1)",
        requirement: "at most \(new == nil ? limit + 1 : limit), as the decoder has \(limit) positions")
    }
    let shortest = options.minNewTokens ?? options.minLength.map { max($0 - 1, 0) } ?? 0
    guard shortest <= longest else {
      throw GenerationError.contradiction(
        "the shortest caption allowed has \(shortest) tokens (--min-length, --min-new-tokens) and the longest "
          + "\(longest) (--max-length, --max-new-tokens): lower the one or raise the other")
    }
    return (shortest + 1, longest + 1)
  }

  private static func check(_ ids: [Int], _ name: String, _ vocabularySize: Int) throws {
    guard let wrong = ids.first(where: { !(0..<vocabularySize).contains($0) }) else { return }
    throw GenerationError.invalidOption(
      option: name, value: "\(wrong)",
      requirement: "a token id below the vocabulary's size, \(vocabularySize)")
  }
}
