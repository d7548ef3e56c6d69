/// One generated caption, as token ids.
public struct GenerationOutput: Sendable, Equatable {
  /// The ids as `generate` returns them: the decoder's start token first, the end token last where one was
  /// generated, no padding.
  public var tokenIDs: [Int]

  /// The score of beam search (`sequences_scores`): the sum of the log-probabilities after the logits processors,
  /// divided by the generated length to the power `lengthPenalty`; nil without beams.
  public var score: Float?

  /// The model's own log-probability of each generated token, before any logits processor: one for each of
  /// `tokenIDs` but the first.
  public var tokenLogProbabilities: [Float]

  public init(tokenIDs: [Int], score: Float?, tokenLogProbabilities: [Float]) {
    self.tokenIDs = tokenIDs
    self.score = score
    self.tokenLogProbabilities = tokenLogProbabilities
  }
}
