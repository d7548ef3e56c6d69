extension DecodingModel {
  /// Captions the model's images, as Transformers' `generate` does for an encoder-decoder.
  ///
  /// Greedy search, sampling (`doSample`), beam search (`numBeams` above 1) or both. A caption depends on its image
  /// and the options only, not on the other images. Between two steps a cancelled task stops with
  /// `CancellationError`.
  ///
  /// - Parameters:
  ///   - options: What to do; what is left open is Hugging Face's default.
  ///   - processors: More logits processors, to run after those of the options and before sampling's.
  ///   - onToken: Called with each token of greedy search and sampling as it comes; beam search, which may still
  ///     change its mind, doesn't call it.
  /// - Returns: For each image its captions (`numReturnSequences`), the best first.
  /// - Throws: `GenerationError`, `CancellationError`, or what `step` throws.
  public mutating func generate(
    _ options: GenerationOptions = .init(), processors: [any LogitsProcessor] = [],
    onToken: ((GeneratedToken) -> Void)? = nil
  ) throws -> [[GenerationOutput]] {
    let plan = try GenerationPlan(options, vocabularySize: vocabularySize, maximumLength: maximumLength)
    guard imageCount > 0 else { return [] }
    let logits = try LogitsBuffer(images: imageCount, rowsPerImage: plan.rowsPerImage, vocabularySize)
    let scorer = TokenScorer(logits: logits, processors: plan.processors(custom: processors))
    if plan.numBeams > 1 {
      return try BeamSearch(plan, scorer, imageCount: imageCount).run(&self)
    }
    return try SequentialSearch(plan, scorer, imageCount: imageCount, onToken: onToken).run(&self)
  }
}

/// A token on its way into a caption.
public struct GeneratedToken: Sendable, Equatable {
  /// The image's number in the batch.
  public let image: Int
  /// The caption's number among those of its image.
  public let sequence: Int
  public let tokenID: Int
}
