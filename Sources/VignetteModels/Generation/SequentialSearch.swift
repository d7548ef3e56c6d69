/// Greedy search and sampling: one token after the other, never taken back (`_sample` in Transformers).
struct SequentialSearch {
  private let plan: GenerationPlan
  private let scorer: TokenScorer
  private let onToken: ((GeneratedToken) -> Void)?
  private var captions: [Caption]

  private struct Caption {
    let image: Int
    let sequence: Int
    var row: Int
    var random: SamplingGenerator
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var isFinished = false
  }

  init(
    _ plan: GenerationPlan, _ scorer: TokenScorer, imageCount: Int, onToken: ((GeneratedToken) -> Void)?
  ) {
    self.plan = plan
    self.scorer = scorer
    self.onToken = onToken
    captions = (0..<imageCount).flatMap { image in
      (0..<plan.numReturnSequences).map { sequence in
        Caption(
          image: image, sequence: sequence, row: image,
          random: SamplingGenerator(seed: plan.seed, stream: sequence), tokenIDs: [plan.startTokenID])
      }
    }
  }

  consuming func run(_ model: inout some DecodingModel) throws -> [[GenerationOutput]] {
    // The captions of an image begin alike: its first step needs one row only.
    let images = captions.count / plan.numReturnSequences
    try step(&model, tokens: Array(repeating: plan.startTokenID, count: images), parents: Array(0..<images))
    while true {
      try extendCaptions()
      let unfinished = captions.indices.filter { !captions[$0].isFinished }
      guard !unfinished.isEmpty else { break }
      try step(
        &model, tokens: unfinished.map { captions[$0].tokenIDs.last ?? plan.startTokenID },
        parents: unfinished.map { captions[$0].row })
      for (row, caption) in unfinished.enumerated() {
        captions[caption].row = row
      }
    }
    return (0..<images).map { image in
      captions[(image * plan.numReturnSequences)...].prefix(plan.numReturnSequences).map {
        GenerationOutput(tokenIDs: $0.tokenIDs, score: nil, tokenLogProbabilities: $0.logProbabilities)
      }
    }
  }

  private func step(_ model: inout some DecodingModel, tokens: [Int], parents: [Int]) throws {
    try Task.checkCancellation()
    try model.step(tokens: tokens, parents: parents, logits: scorer.logits.rows(tokens.count))
  }

  private mutating func extendCaptions() throws {
    for index in captions.indices where !captions[index].isFinished {
      let (token, logProbability) = try nextToken(ofCaption: index)
      captions[index].tokenIDs.append(token)
      captions[index].logProbabilities.append(logProbability)
      captions[index].isFinished =
        plan.endTokenIDs.contains(token) || captions[index].tokenIDs.count >= plan.maxLength
      onToken?(
        GeneratedToken(image: captions[index].image, sequence: captions[index].sequence, tokenID: token))
    }
  }

  private mutating func nextToken(ofCaption index: Int) throws -> (Int, Float) {
    let row = captions[index].row
    let image = captions[index].image
    let position = captions[index].tokenIDs.count
    let normalizer = try scorer.normalizer(row: row, image: image, position: position)
    let scores = scorer.processedLogits(row: row, prefix: captions[index].tokenIDs)
    let token = plan.doSample ? captions[index].random.sample(scores) : scores.firstIndexOfMaximum()
    guard let token else {
      throw GenerationError.nothingToSample(image: image, position: position)
    }
    return (token, normalizer.logProbability(of: scorer.logits.row(row)[token]))
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
