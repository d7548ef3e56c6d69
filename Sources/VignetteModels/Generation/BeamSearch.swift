/// Beam search, with or without sampling (`_beam_search` in Transformers), over the images of a batch.
package struct BeamSearch {
  private let plan: GenerationPlan
  private let scorer: TokenScorer
  private var images: [ImageBeams]

  package init(_ plan: GenerationPlan, _ scorer: TokenScorer, imageCount: Int) {
    self.plan = plan
    self.scorer = scorer
    images = (0..<imageCount).map { ImageBeams(plan, image: $0) }
  }

  package consuming func run(_ model: inout some DecodingModel) throws -> [[GenerationOutput]] {
    // The beams of an image begin alike: its first step needs one row only.
    try step(
      &model, tokens: Array(repeating: plan.startTokenID, count: images.count), parents: Array(images.indices)
    )
    while true {
      for image in images.indices where !images[image].isFinished {
        let candidates = try candidates(ofImage: image)
        images[image].advance(with: candidates)
      }
      let open = images.indices.filter { !images[$0].isFinished }
      guard !open.isEmpty else { break }
      let beams = open.flatMap { images[$0].running }
      try step(
        &model, tokens: beams.map { $0.tokenIDs.last ?? plan.startTokenID }, parents: beams.map(\.row))
      for (order, image) in open.enumerated() {
        images[image].takeRows(startingAt: order * plan.numBeams)
      }
    }
    return images.map { $0.outputs() }
  }

  private func step(_ model: inout some DecodingModel, tokens: [Int], parents: [Int]) throws {
    try Task.checkCancellation()
    try model.step(tokens: tokens, parents: parents, logits: scorer.logits.rows(tokens.count))
  }

  /// The continuations of an image's beams that are looked at: so many that enough of them go on even if every
  /// beam could end in every way.
  private mutating func candidates(ofImage image: Int) throws -> [BeamCandidate] {
    let beams = images[image].running
    let vocabularySize = scorer.logits.vocabularySize
    let wanted = max(2, 1 + plan.endTokenIDs.count) * plan.numBeams
    var selection = TopSelection(count: wanted, of: plan.numBeams * vocabularySize)
    let normalizers = try beams.map { beam in
      let normalizer = try scorer.normalizer(row: beam.row, image: image, position: beam.tokenIDs.count)
      let scores = scorer.processedLogProbabilities(row: beam.row, normalizer, prefix: beam.tokenIDs)
      if plan.doSample { images[image].random.perturb(scorer.logits.scores) }
      selection.add(scores, offset: beam.score)
      return normalizer
    }
    var candidates = selection.finish().map { pair in
      let (beam, token) = pair.index.quotientAndRemainder(dividingBy: vocabularySize)
      let logit = scorer.logits.row(beams[beam].row)[token]
      return BeamCandidate(
        beam: beam, tokenID: token, score: pair.score,
        logProbability: normalizers[beam].logProbability(of: logit))
    }
    if plan.doSample { restoreScores(of: &candidates, beams, normalizers) }
    return candidates
  }

  /// Replaces the perturbed scores, by which candidates were drawn, with those they have.
  private func restoreScores(
    of candidates: inout [BeamCandidate], _ beams: [ImageBeams.Beam], _ normalizers: [Softmax.Normalizer]
  ) {
    for (number, beam) in beams.enumerated() where candidates.contains(where: { $0.beam == number }) {
      let scores = scorer.processedLogProbabilities(
        row: beam.row, normalizers[number], prefix: beam.tokenIDs)
      for index in candidates.indices where candidates[index].beam == number {
        candidates[index].score = scores[candidates[index].tokenID] + beam.score
      }
    }
  }
}
