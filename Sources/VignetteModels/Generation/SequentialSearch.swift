/// Greedy search and sampling: one token after the other, never taken back (`_sample` in Transformers).
struct SequentialSearch {
  private let plans: [GenerationPlan]
  private let scorer: TokenScorer
  /// For each image.
  private let criteria: [[any StoppingCriterion]]
  private let onToken: ((GeneratedToken) -> Void)?
  private var captions: [Caption]

  private struct Caption {
    let image: Int
    let sequence: Int
    var row: Int
    var random: SamplingGenerator
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var alternatives: [[TokenLogProbability]] = []
    var stopReason: StopReason?
  }

  /// - Parameter plans: one for each image; they differ in their prompts alone.
  init(
    _ plans: [GenerationPlan], _ scorer: TokenScorer, _ criteria: [[any StoppingCriterion]],
    onToken: ((GeneratedToken) -> Void)?
  ) {
    self.plans = plans
    self.scorer = scorer
    self.criteria = criteria
    self.onToken = onToken
    captions = plans.enumerated().flatMap { image, plan in
      (0..<plan.numReturnSequences).map { sequence in
        Caption(
          image: image, sequence: sequence, row: image,
          random: SamplingGenerator(seed: plan.seed, stream: sequence), tokenIDs: plan.prompt)
      }
    }
  }

  consuming func run(_ model: inout some DecodingModel) throws -> [[GenerationOutput]] {
    let start = ContinuousClock.now
    // The captions of an image begin alike: its first step needs one row only.
    try Task.checkCancellation()
    try model.begin(prompts: plans.map(\.prompt), logits: scorer.logits.rows(plans.count))
    while true {
      try extendCaptions(elapsed: .now - start)
      let unfinished = captions.indices.filter { captions[$0].stopReason == nil }
      guard !unfinished.isEmpty else { break }
      try Task.checkCancellation()
      try model.step(
        tokens: unfinished.map { captions[$0].tokenIDs[captions[$0].tokenIDs.count - 1] },
        parents: unfinished.map { captions[$0].row }, logits: scorer.logits.rows(unfinished.count))
      for (row, caption) in unfinished.enumerated() {
        captions[caption].row = row
      }
    }
    return plans.enumerated().map { image, plan in
      captions[(image * plan.numReturnSequences)...].prefix(plan.numReturnSequences).map {
        GenerationOutput(
          tokenIDs: $0.tokenIDs, score: nil, tokenLogProbabilities: $0.logProbabilities,
          alternatives: $0.alternatives, stopReason: $0.stopReason)
      }
    }
  }

  private mutating func extendCaptions(elapsed: Duration) throws {
    for index in captions.indices where captions[index].stopReason == nil {
      let (token, logProbability, alternatives) = try nextToken(ofCaption: index)
      captions[index].stopReason = criteria[captions[index].image].reason(
        CaptionStep(prefix: captions[index].tokenIDs, tokenID: token, elapsed: elapsed))
      captions[index].tokenIDs.append(token)
      captions[index].logProbabilities.append(logProbability)
      if !alternatives.isEmpty { captions[index].alternatives.append(alternatives) }
      onToken?(
        GeneratedToken(
          image: captions[index].image, sequence: captions[index].sequence, tokenID: token,
          logProbability: logProbability, alternatives: alternatives))
    }
  }

  private mutating func nextToken(
    ofCaption index: Int
  ) throws -> (tokenID: Int, logProbability: Float, alternatives: [TokenLogProbability]) {
    let row = captions[index].row
    let image = captions[index].image
    let position = captions[index].tokenIDs.count
    let normalizer = try scorer.normalizer(row: row, image: image, position: position)
    let scores = scorer.processedLogits(row: row, image: image, prefix: captions[index].tokenIDs)
    let token = plans[image].doSample ? captions[index].random.sample(scores) : scores.firstIndexOfMaximum()
    guard let token else {
      throw GenerationError.nothingToSample(image: image, position: position)
    }
    let count = plans[image].alternativeCount
    return (
      token, normalizer.logProbability(of: scorer.logits.row(row)[token]),
      count > 0 ? scorer.likeliest(count, row: row, normalizer) : []
    )
  }
}

extension UnsafeBufferPointer<Float> {
  /// The index of the greatest number, the first of equals.
  func firstIndexOfMaximum() -> Int? {
    guard var best = first else { return nil }
    var index = 0
    for other in indices where self[other] > best {
      (best, index) = (self[other], other)
    }
    return index
  }
}
