/// What a caller or a checkpoint asks of `generate`, with Hugging Face's names; nil where it asks nothing.
///
/// Options come in layers: the call's own, then the checkpoint's, then Hugging Face's defaults, where a layer fills
/// only what the layers above it leave open:
///
///     let options = GenerationOptions(numBeams: 4)
///       .filled(from: try .checkpoint(generationConfig: generationConfigJSON, config: configJSON))
///     let captions = try decoder.generate(options)
public struct GenerationOptions: Sendable, Equatable {
  // MARK: Length

  /// The greatest number of tokens of a caption, the decoder's start token counted; with neither this nor
  /// `maxNewTokens` set anywhere, 20 tokens are generated after the start token.
  public var maxLength: Int?
  /// The greatest number of tokens after the start token; goes before `maxLength`.
  public var maxNewTokens: Int?
  /// The number of tokens, the start token counted, before which no end token may come.
  public var minLength: Int?
  /// The number of tokens after the start token before which no end token may come; goes before `minLength`.
  public var minNewTokens: Int?

  // MARK: Search

  /// The number of beams of beam search; 1 is greedy search or plain sampling.
  public var numBeams: Int?
  /// Whether tokens are drawn at random instead of taking the likeliest.
  public var doSample: Bool?
  /// When beam search stops.
  public var earlyStopping: EarlyStopping?
  /// The exponent of the generated length by which beam search divides a caption's score: above 0 favours long ones.
  public var lengthPenalty: Double?
  /// The number of captions to return for an image; at most `numBeams` in beam search.
  public var numReturnSequences: Int?
  /// Starts the random numbers of sampling; the same seed gives the same captions, whatever the other images.
  public var seed: UInt64?

  // MARK: Logits processors

  /// Makes tokens that stand in the caption already less likely (above 1) or likelier (below 1).
  public var repetitionPenalty: Double?
  /// The length of token sequences that may occur only once in a caption; 0 allows all.
  public var noRepeatNgramSize: Int?
  /// Token sequences that must not be generated.
  public var badWordsIDs: [[Int]]?
  /// Tokens that must not be generated.
  public var suppressTokens: [Int]?
  /// Tokens that must not be generated first.
  public var beginSuppressTokens: [Int]?
  /// The token to generate first.
  public var forcedBOSTokenID: Int?
  /// The tokens one of which must be the last when `maxLength` is reached.
  public var forcedEOSTokenIDs: [Int]?

  // MARK: Sampling

  /// Divides the logits before sampling: below 1 sharpens, above 1 flattens.
  public var temperature: Double?
  /// Samples among this many of the likeliest tokens; 0 among all.
  public var topK: Int?
  /// Samples among the fewest tokens that together have this probability.
  public var topP: Double?
  /// Samples among tokens with at least this part of the likeliest token's probability.
  public var minP: Double?
  /// Samples among the tokens of most typical information content that together have this probability.
  public var typicalP: Double?

  // MARK: Special tokens

  /// The token that the decoder is given first; `bosTokenID` where unset.
  public var decoderStartTokenID: Int?
  /// The token that begins a text.
  public var bosTokenID: Int?
  /// The tokens that end a caption.
  public var eosTokenIDs: [Int]?
  /// The token that fills up the shorter rows of a batch; captions are returned without it.
  public var padTokenID: Int?

  public init(
    maxLength: Int? = nil, maxNewTokens: Int? = nil, minLength: Int? = nil, minNewTokens: Int? = nil,
    numBeams: Int? = nil, doSample: Bool? = nil, earlyStopping: EarlyStopping? = nil,
    lengthPenalty: Double? = nil, numReturnSequences: Int? = nil, seed: UInt64? = nil,
    repetitionPenalty: Double? = nil, noRepeatNgramSize: Int? = nil, badWordsIDs: [[Int]]? = nil,
    suppressTokens: [Int]? = nil, beginSuppressTokens: [Int]? = nil, forcedBOSTokenID: Int? = nil,
    forcedEOSTokenIDs: [Int]? = nil, temperature: Double? = nil, topK: Int? = nil, topP: Double? = nil,
    minP: Double? = nil, typicalP: Double? = nil, decoderStartTokenID: Int? = nil, bosTokenID: Int? = nil,
    eosTokenIDs: [Int]? = nil, padTokenID: Int? = nil
  ) {
    self.maxLength = maxLength
    self.maxNewTokens = maxNewTokens
    self.minLength = minLength
    self.minNewTokens = minNewTokens
    self.numBeams = numBeams
    self.doSample = doSample
    self.earlyStopping = earlyStopping
    self.lengthPenalty = lengthPenalty
    self.numReturnSequences = numReturnSequences
    self.seed = seed
    self.repetitionPenalty = repetitionPenalty
    self.noRepeatNgramSize = noRepeatNgramSize
    self.badWordsIDs = badWordsIDs
    self.suppressTokens = suppressTokens
    self.beginSuppressTokens = beginSuppressTokens
    self.forcedBOSTokenID = forcedBOSTokenID
    self.forcedEOSTokenIDs = forcedEOSTokenIDs
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.typicalP = typicalP
    self.decoderStartTokenID = decoderStartTokenID
    self.bosTokenID = bosTokenID
    self.eosTokenIDs = eosTokenIDs
    self.padTokenID = padTokenID
  }

  /// What Transformers 5.23 assumes where nobody says otherwise. `maxLength` is left open: its default depends on
  /// being unset (see `maxLength`).
  public static let defaults = GenerationOptions(
    minLength: 0, numBeams: 1, doSample: false, earlyStopping: .heuristic, lengthPenalty: 1,
    numReturnSequences: 1, seed: 42, repetitionPenalty: 1, noRepeatNgramSize: 0, temperature: 1, topK: 50,
    topP: 1, typicalP: 1)

  /// These options, with what they leave open taken from `lower`.
  ///
  /// A length counts as set in either of its spellings: `maxLength` here goes before `maxNewTokens` there. (There
  /// Transformers would obey the checkpoint and ignore its caller.)
  public func filled(from lower: GenerationOptions) -> GenerationOptions {
    var result = self
    for field in GenerationField.all {
      field.fill(&result, lower)
    }
    result.seed = seed ?? lower.seed
    if maxLength != nil || maxNewTokens != nil {
      (result.maxLength, result.maxNewTokens) = (maxLength, maxNewTokens)
    }
    if minLength != nil || minNewTokens != nil {
      (result.minLength, result.minNewTokens) = (minLength, minNewTokens)
    }
    return result
  }
}
