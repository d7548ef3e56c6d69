/// A captioner's text part as ``generate(_:prompts:processors:tokenText:onToken:)`` sees it: token ids in, next-token logits out.
///
/// A *row* is one unfinished caption. ``begin(prompts:logits:)`` makes a row for each image; each call of
/// ``step(tokens:parents:logits:)`` feeds one token to each row. Which rows there are then is told by `parents`, so
/// that one array serves for spreading an image over its beams, for reordering the beams' key/value caches, and for
/// dropping captions that are finished: `parents[row]` is the row of the step before whose tokens this row continues.
///
/// The rows of an image stand together, in the order of the images, and a row's parent always belongs to the same
/// image. Rows of the previous step that are nobody's parent are finished and may be forgotten. When `parents` is
/// `0, 1, 2, …` and the number of rows is unchanged, no cache needs to move.
public protocol DecodingModel {
  /// The images to caption; their encodings are the model's own business.
  var imageCount: Int { get }

  /// The number of logits in a row.
  var vocabularySize: Int { get }

  /// The number of tokens that can be fed to one row (GPT-2's `n_positions`).
  var maximumLength: Int { get }

  /// Feeds each image's first tokens and writes the logits of the token that follows.
  ///
  /// - Parameters:
  ///   - prompts: For each image one token id at least, each in `0..<vocabularySize`.
  ///   - logits: ``imageCount`` × ``vocabularySize``, row by row.
  mutating func begin(prompts: [[Int]], logits: UnsafeMutableBufferPointer<Float>) throws

  /// Feeds `tokens[row]` to each row and writes the logits of the token that follows.
  ///
  /// - Parameters:
  ///   - tokens: One token id a row, each in `0..<vocabularySize`.
  ///   - parents: The row of the step before that each row goes on from; as many as `tokens`.
  ///   - logits: `tokens.count` × ``vocabularySize``, row by row.
  mutating func step(
    tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>
  ) throws
}

extension DecodingModel {
  /// Captions the model's images, as Transformers' `generate` does.
  ///
  /// Greedy search, sampling (`doSample`), beam search (`numBeams` above 1) or both. A caption depends on its image,
  /// its prompt and the options only (and on the clock, with `maxTime`), not on the other images. Between two steps a cancelled task stops with
  /// `CancellationError`.
  ///
  /// - Parameters:
  ///   - options: What to do; what is left open is Hugging Face's default.
  ///   - prompts: The tokens that each image's caption begins with, the start token included; that token alone if
  ///     nil. Captions contain them, and `maxLength` and `minLength` count them.
  ///   - processors: More logits processors, to run after those of the options and before sampling's.
  ///   - tokenText: What tokens stand for; `stopStrings` needs it.
  ///   - onToken: Called with each token of greedy search and sampling as it comes; beam search, which may still
  ///     change its mind, doesn't call it.
  /// - Returns: For each image its captions (`numReturnSequences`), the best first.
  /// - Throws: `GenerationError`, `SettingError`, `CancellationError`, or what a step throws.
  public mutating func generate(
    _ options: GenerationOptions = .init(), prompts: [[Int]]? = nil,
    processors: [any LogitsProcessor] = [], tokenText: TokenText? = nil,
    onToken: ((GeneratedToken) -> Void)? = nil
  ) throws -> [[GenerationOutput]] {
    let plans = try plans(options, prompts)
    guard let plan = plans.first else { return [] }
    let stopStrings = try plan.stopStrings(tokenText)
    let criteria = plans.map { $0.stoppingCriteria(stopStrings) }
    let logits = try LogitsBuffer(images: imageCount, rowsPerImage: plan.rowsPerImage, vocabularySize)
    let scorer = TokenScorer(logits: logits, processors: plans.map { $0.processors(custom: processors) })
    if plan.numBeams > 1 {
      return try BeamSearch(plans, scorer, criteria).run(&self)
    }
    return try SequentialSearch(plans, scorer, criteria, onToken: onToken).run(&self)
  }

  /// A plan for each image.
  private func plans(_ options: GenerationOptions, _ prompts: [[Int]]?) throws -> [GenerationPlan] {
    precondition(prompts?.count ?? imageCount == imageCount, "a prompt for each image")
    // What is wrong with the options is wrong without images, too.
    let common = try prompts == nil || imageCount == 0 ? plan(options, prompt: nil) : nil
    return try (0..<imageCount).map { image in try common ?? plan(options, prompt: prompts?[image]) }
  }

  private func plan(_ options: GenerationOptions, prompt: [Int]?) throws -> GenerationPlan {
    try GenerationPlan(
      options, prompt: prompt, vocabularySize: vocabularySize, maximumLength: maximumLength)
  }
}

/// A token on its way into a caption.
public struct GeneratedToken: Sendable, Equatable {
  /// The image's number in the batch.
  public let image: Int
  /// The caption's number among those of its image.
  public let sequence: Int
  public let tokenID: Int
  /// The model's own log-probability of it, before any logits processor.
  public let logProbability: Float
  /// The likeliest tokens in its position, the likeliest first (`topLogProbabilities`).
  public let alternatives: [TokenLogProbability]
}

/// A token that might stand in a position, and the model's own log-probability of it.
public struct TokenLogProbability: Codable, Hashable, Sendable {
  public let tokenID: Int
  public let logProbability: Float

  public init(tokenID: Int, logProbability: Float) {
    self.tokenID = tokenID
    self.logProbability = logProbability
  }
}

/// One generated caption, as token ids.
public struct GenerationOutput: Sendable, Equatable {
  /// The ids as `generate` returns them: the prompt first (the start token, where there is no other), the end token
  /// last where one was generated, no padding.
  public var tokenIDs: [Int]

  /// The score of beam search (`sequences_scores`): the sum of the log-probabilities after the logits processors,
  /// divided by the generated length to the power `lengthPenalty`; nil without beams.
  public var score: Float?

  /// The model's own log-probability of each generated token, before any logits processor: one for each of
  /// `tokenIDs` behind the prompt.
  public var tokenLogProbabilities: [Float]

  /// The likeliest tokens in the position of each generated token, the likeliest first; empty where they weren't asked
  /// for (`topLogProbabilities`).
  public var alternatives: [[TokenLogProbability]]

  /// Why it ends; nil for a caption that beam search returns unfinished, having found fewer than it was asked for.
  public var stopReason: StopReason?

  /// Where the model looked; nil unless it was asked for.
  package var attention: TokenAttention?

  public init(
    tokenIDs: [Int], score: Float?, tokenLogProbabilities: [Float],
    alternatives: [[TokenLogProbability]] = [], stopReason: StopReason? = nil
  ) {
    self.tokenIDs = tokenIDs
    self.alternatives = alternatives
    self.score = score
    self.tokenLogProbabilities = tokenLogProbabilities
    self.stopReason = stopReason
  }
}
