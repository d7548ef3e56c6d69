import VignetteFiles

/// What a caller or a checkpoint asks of `generate`, with Hugging Face's names; nil where it asks nothing.
///
/// Options come in layers: the call's own, then the checkpoint's, then Hugging Face's defaults. A layer fills only what
/// those above it leave open (``filled(from:)``).
public struct GenerationOptions: Sendable, Equatable {
  // MARK: Length

  /// The greatest number of tokens of a caption, the prompt counted (the start token, where
  /// there is no other); with neither this nor `maxNewTokens` set anywhere, 20 tokens are generated.
  public var maxLength: Int?
  /// The greatest number of tokens after the prompt; takes precedence over `maxLength`.
  public var maxNewTokens: Int?
  /// The number of tokens, the prompt counted, before which no end token may come.
  public var minLength: Int?
  /// The number of tokens after the prompt before which no end token may come; takes precedence over `minLength`.
  public var minNewTokens: Int?
  /// Texts that end a caption with the token that completes one (`StopStringCriteria`). They stay in the caption, and
  /// the prompt's tokens count.
  public var stopStrings: [String]?
  /// The seconds after which captions end with the token that is computed then (`MaxTimeCriteria`); encoding the images
  /// doesn't count. What has ended so depends on the machine.
  public var maxTime: Double?

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
  /// The text that captions begin with and go on from, its tokens being fed behind the start token. Captions contain it.
  public var prompt: String?
  /// Starts the random numbers of sampling; the same seed gives the same captions, whatever the other images.
  public var seed: UInt64?
  /// The number of likeliest tokens that are returned with each token, with the model's log-probabilities; none where
  /// unset. Changes no caption.
  public var topLogProbabilities: Int?

  // MARK: Outputs

  /// Whether captions say where the model looked for each word (`output_attentions`), at the cost of another pass of the
  /// finished captions through the text part.
  public var outputAttentions: Bool?

  // MARK: Logits processors

  /// Makes tokens that stand in the caption already less likely (above 1) or likelier (below 1).
  public var repetitionPenalty: Double?
  /// The length of token sequences that may occur only once in a caption; 0 allows all.
  public var noRepeatNgramSize: Int?
  /// Token sequences made likelier or less likely (`SequenceBiasLogitsProcessor`).
  public var sequenceBias: [BiasedSequence]?
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
  /// Makes end tokens ever likelier beyond a length (`ExponentialDecayLengthPenalty`).
  public var exponentialDecayLengthPenalty: LengthDecay?
  /// Whether scores are made log-probabilities again after all processors (`LogitNormalization`), which changes how
  /// beams compare.
  public var renormalizeLogits: Bool?

  // MARK: Sampling

  /// Divides the logits before sampling: below 1 sharpens, above 1 flattens.
  public var temperature: Double?
  /// Samples among the likeliest tokens that together have this part of the entropy at most, above 0 to 1
  /// (`TopHLogitsWarper`).
  public var topH: Double?
  /// Samples among this many of the likeliest tokens; 0 among all.
  public var topK: Int?
  /// Samples among the fewest tokens that together have this probability.
  public var topP: Double?
  /// Samples among tokens with at least this part of the likeliest token's probability.
  public var minP: Double?
  /// Samples among the tokens of most typical information content that together have this probability.
  public var typicalP: Double?
  /// Samples among tokens of at least this probability (`EpsilonLogitsWarper`); 0 for all.
  public var epsilonCutoff: Double?
  /// Samples among tokens of at least this probability, lowered where the distribution is flat (`EtaLogitsWarper`); 0
  /// for all.
  public var etaCutoff: Double?

  // MARK: Special tokens

  /// The token that the decoder is given first; `bosTokenID` where unset.
  public var decoderStartTokenID: Int?
  /// The token that begins a text.
  public var bosTokenID: Int?
  /// The tokens that end a caption.
  public var eosTokenIDs: [Int]?
  /// The token that fills up the shorter rows of a batch; captions are returned without it.
  public var padTokenID: Int?

  /// Fields of generation_config.json that choose a ``MovedSearch``, as they stand there.
  var movedSearches: JSONObject = [:]
  /// Where those options stand that a checkpoint's files gave.
  var origins = OptionOrigins()

  public init(
    maxLength: Int? = nil, maxNewTokens: Int? = nil, minLength: Int? = nil, minNewTokens: Int? = nil,
    stopStrings: [String]? = nil, maxTime: Double? = nil,
    numBeams: Int? = nil, doSample: Bool? = nil, earlyStopping: EarlyStopping? = nil,
    lengthPenalty: Double? = nil, numReturnSequences: Int? = nil, prompt: String? = nil,
    seed: UInt64? = nil, outputAttentions: Bool? = nil,
    repetitionPenalty: Double? = nil, noRepeatNgramSize: Int? = nil,
    sequenceBias: [BiasedSequence]? = nil, badWordsIDs: [[Int]]? = nil,
    suppressTokens: [Int]? = nil, beginSuppressTokens: [Int]? = nil, forcedBOSTokenID: Int? = nil,
    forcedEOSTokenIDs: [Int]? = nil, exponentialDecayLengthPenalty: LengthDecay? = nil,
    renormalizeLogits: Bool? = nil, temperature: Double? = nil, topH: Double? = nil, topK: Int? = nil,
    topP: Double? = nil, minP: Double? = nil, typicalP: Double? = nil, epsilonCutoff: Double? = nil,
    etaCutoff: Double? = nil, decoderStartTokenID: Int? = nil, bosTokenID: Int? = nil,
    eosTokenIDs: [Int]? = nil, padTokenID: Int? = nil
  ) {
    self.maxLength = maxLength
    self.maxNewTokens = maxNewTokens
    self.minLength = minLength
    self.minNewTokens = minNewTokens
    self.stopStrings = stopStrings
    self.maxTime = maxTime
    self.numBeams = numBeams
    self.doSample = doSample
    self.earlyStopping = earlyStopping
    self.lengthPenalty = lengthPenalty
    self.numReturnSequences = numReturnSequences
    self.prompt = prompt
    self.seed = seed
    self.outputAttentions = outputAttentions
    self.repetitionPenalty = repetitionPenalty
    self.noRepeatNgramSize = noRepeatNgramSize
    self.sequenceBias = sequenceBias
    self.badWordsIDs = badWordsIDs
    self.suppressTokens = suppressTokens
    self.beginSuppressTokens = beginSuppressTokens
    self.forcedBOSTokenID = forcedBOSTokenID
    self.forcedEOSTokenIDs = forcedEOSTokenIDs
    self.exponentialDecayLengthPenalty = exponentialDecayLengthPenalty
    self.renormalizeLogits = renormalizeLogits
    self.temperature = temperature
    self.topH = topH
    self.topK = topK
    self.topP = topP
    self.minP = minP
    self.typicalP = typicalP
    self.epsilonCutoff = epsilonCutoff
    self.etaCutoff = etaCutoff
    self.decoderStartTokenID = decoderStartTokenID
    self.bosTokenID = bosTokenID
    self.eosTokenIDs = eosTokenIDs
    self.padTokenID = padTokenID
  }

  /// What Transformers 5.24 assumes where nobody says otherwise. `maxLength` is left open: its default depends on
  /// being unset (see `maxLength`).
  public static let defaults = GenerationOptions(
    minLength: 0, numBeams: 1, doSample: false, earlyStopping: .heuristic, lengthPenalty: 1,
    numReturnSequences: 1, seed: 42, repetitionPenalty: 1, noRepeatNgramSize: 0, temperature: 1, topK: 50,
    topP: 1, typicalP: 1, epsilonCutoff: 0, etaCutoff: 0)

  /// These options, with what they leave open taken from `lower`.
  ///
  /// A length counts as set in either of its spellings: `maxLength` here takes precedence over `maxNewTokens` there. (There
  /// Transformers would obey the checkpoint and ignore its caller.)
  public func filled(from lower: GenerationOptions) -> GenerationOptions {
    var result = filledFieldByField(from: lower)
    result.prompt = prompt ?? lower.prompt
    result.seed = seed ?? lower.seed
    result.outputAttentions = outputAttentions ?? lower.outputAttentions
    result.topLogProbabilities = topLogProbabilities ?? lower.topLogProbabilities
    if maxLength != nil || maxNewTokens != nil {
      (result.maxLength, result.maxNewTokens) = (maxLength, maxNewTokens)
    }
    if minLength != nil || minNewTokens != nil {
      (result.minLength, result.minNewTokens) = (minLength, minNewTokens)
    }
    return result
  }

  /// These options, each that is open taken from `lower` by itself.
  func filledFieldByField(from lower: GenerationOptions) -> GenerationOptions {
    var result = self
    for field in GenerationField.all where field.write(self) == nil {
      field.fill(&result, lower)
      result.origins.take(field.name, from: lower.origins)
    }
    return result
  }
}

extension GenerationOptions {
  /// What these options come to with a model: Hugging Face's defaults filled in, lengths as `maxLength` and
  /// `minLength`, everything checked.
  ///
  /// - Parameter prompt: the tokens that captions begin with, the start token included; that token alone if nil.
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  public func resolved(for model: any CaptionModel, prompt: [Int]? = nil) throws -> GenerationOptions {
    let plan = try GenerationPlan(
      self, prompt: prompt, vocabularySize: model.vocabularySize, maximumLength: model.maximumLength)
    var options = plan.options
    (options.maxLength, options.maxNewTokens) = (plan.maxLength, nil)
    (options.minLength, options.minNewTokens) = (plan.minLength, nil)
    return options
  }

  /// How captions are found and how long they get, for people: "greedy search, at most 20 tokens".
  ///
  /// - Precondition: these are options that ``resolved(for:prompt:)`` gave.
  public var summary: String {
    let beams = numBeams ?? 1
    let sampling = doSample ?? false
    let search =
      switch (beams > 1, sampling) {
      case (true, false): "\(beams) beams"
      case (true, true): "\(beams) beams with sampling"
      case (false, true): "sampling"
      case (false, false): "greedy search"
      }
    return "\(search), at most \((maxLength ?? 1) - 1) tokens"
  }
}

/// When beam search stops looking for better captions of an image that has as many finished ones as beams.
public enum EarlyStopping: String, Sendable, CaseIterable, Codable {
  /// Stop at once.
  case always = "true"
  /// Stop when the best running beam, scored at its present length, is no better than the worst finished one.
  case heuristic = "false"
  /// Stop only when no running beam can become better (with a positive length penalty: not even at full length).
  case never
}

extension GenerationOptions {
  /// A token sequence and how its last token's score changes where the others stand before it.
  public struct BiasedSequence: Sendable, Equatable {
    /// One at least.
    public var tokenIDs: [Int]
    /// What is added to the score: above 0 makes the sequence likelier; -infinity rules it out.
    public var bias: Double

    public init(tokenIDs: [Int], bias: Double) {
      self.tokenIDs = tokenIDs
      self.bias = bias
    }
  }

  /// How end tokens become likelier with a caption's length.
  public struct LengthDecay: Sendable, Equatable, Codable {
    /// The number of tokens after the prompt from which on they do; 0 or more.
    public var start: Int
    /// The factor to the power of the tokens beyond; an end token's score grows by its amount times that less 1.
    public var factor: Double

    public init(start: Int, factor: Double) {
      self.start = start
      self.factor = factor
    }
  }
}
