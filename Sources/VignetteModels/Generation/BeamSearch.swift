import Foundation

/// Beam search, with or without sampling (`_beam_search` in Transformers), over the images of a batch.
package struct BeamSearch {
  private let scorer: TokenScorer
  /// For each image.
  private let criteria: [[any StoppingCriterion]]
  private var images: [ImageBeams]

  /// - Parameters:
  ///   - plans: one for each image; they differ in their prompts alone.
  ///   - criteria: what ends captions, for each image.
  package init(
    _ plans: [GenerationPlan], _ scorer: TokenScorer, _ criteria: [[any StoppingCriterion]]
  ) {
    self.scorer = scorer
    self.criteria = criteria
    images = plans.enumerated().map { ImageBeams($1, image: $0) }
  }

  package consuming func run(_ model: inout some DecodingModel) throws -> [[GenerationOutput]] {
    let start = ContinuousClock.now
    // The beams of an image begin alike: its first step needs one row only.
    try Task.checkCancellation()
    try model.begin(prompts: images.map(\.plan.prompt), logits: scorer.logits.rows(images.count))
    while true {
      let elapsed = .now - start
      for image in images.indices where !images[image].isFinished {
        let candidates = try candidates(ofImage: image)
        let beams = images[image].running
        images[image].advance(
          with: candidates,
          stopReasons: candidates.map {
            criteria[image].reason(
              CaptionStep(prefix: beams[$0.beam].tokenIDs, tokenID: $0.tokenID, elapsed: elapsed))
          })
      }
      let open = images.indices.filter { !images[$0].isFinished }
      guard !open.isEmpty else { break }
      let beams = open.flatMap { images[$0].running }
      try Task.checkCancellation()
      try model.step(
        tokens: beams.map { $0.tokenIDs[$0.tokenIDs.count - 1] }, parents: beams.map(\.row),
        logits: scorer.logits.rows(beams.count))
      for (order, image) in open.enumerated() {
        images[image].takeRows(startingAt: order * images[image].plan.numBeams)
      }
    }
    return images.map { $0.outputs() }
  }

  /// The continuations of an image's beams that are looked at: so many that enough of them go on even if every
  /// beam could end in every way.
  private mutating func candidates(ofImage image: Int) throws -> [BeamCandidate] {
    let (plan, beams) = (images[image].plan, images[image].running)
    let vocabularySize = scorer.logits.vocabularySize
    let wanted = max(2, 1 + plan.endTokenIDs.count) * plan.numBeams
    var selection = TopSelection(count: wanted, of: plan.numBeams * vocabularySize)
    let normalizers = try beams.map { beam in
      let normalizer = try scorer.normalizer(row: beam.row, image: image, position: beam.tokenIDs.count)
      let scores = scorer.processedLogProbabilities(
        row: beam.row, image: image, normalizer, prefix: beam.tokenIDs)
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
    if plan.doSample { restoreScores(of: &candidates, image, beams, normalizers) }
    if plan.alternativeCount > 0 { addAlternatives(to: &candidates, plan, beams, normalizers) }
    return candidates
  }

  /// Notes with each candidate what else might have followed its beam.
  private func addAlternatives(
    to candidates: inout [BeamCandidate], _ plan: GenerationPlan, _ beams: [ImageBeams.Beam],
    _ normalizers: [Softmax.Normalizer]
  ) {
    for (number, beam) in beams.enumerated() where candidates.contains(where: { $0.beam == number }) {
      let likeliest = scorer.likeliest(plan.alternativeCount, row: beam.row, normalizers[number])
      for index in candidates.indices where candidates[index].beam == number {
        candidates[index].alternatives = likeliest
      }
    }
  }

  /// Replaces the perturbed scores, by which candidates were drawn, with those they have.
  private func restoreScores(
    of candidates: inout [BeamCandidate], _ image: Int, _ beams: [ImageBeams.Beam],
    _ normalizers: [Softmax.Normalizer]
  ) {
    for (number, beam) in beams.enumerated() where candidates.contains(where: { $0.beam == number }) {
      let scores = scorer.processedLogProbabilities(
        row: beam.row, image: image, normalizers[number], prefix: beam.tokenIDs)
      for index in candidates.indices where candidates[index].beam == number {
        candidates[index].score = scores[candidates[index].tokenID] + beam.score
      }
    }
  }
}

/// A continuation of one beam by one token.
struct BeamCandidate {
  let beam: Int
  let tokenID: Int
  /// The sum of the processed log-probabilities up to this token.
  var score: Float
  /// The model's own log-probability of this token.
  let logProbability: Float
  /// The likeliest tokens in its position, where they were asked for.
  var alternatives: [TokenLogProbability] = []
}

/// The beams of one image: those that run and the best that ended.
///
/// The arithmetic is Transformers', step by step and in single precision: −10⁹ marks what may not be chosen, and
/// sums with it round as they do there.
struct ImageBeams {
  struct Beam {
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var alternatives: [[TokenLogProbability]] = []
    var score: Float
    /// The row of the model's latest step that continues this beam, or whose child it is.
    var row: Int

    func alternatives(with candidate: BeamCandidate) -> [[TokenLogProbability]] {
      candidate.alternatives.isEmpty ? [] : alternatives + [candidate.alternatives]
    }
  }

  private struct Ending {
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var alternatives: [[TokenLogProbability]] = []
    var score: Float = ImageBeams.excluded
    var stopReason: StopReason?
    var isFinished = false
  }

  private static let excluded: Float = -1e9

  private(set) var running: [Beam]
  private(set) var isFinished = false
  var random: SamplingGenerator
  let plan: GenerationPlan
  private var endings: [Ending]

  init(_ plan: GenerationPlan, image: Int) {
    self.plan = plan
    random = SamplingGenerator(seed: plan.seed, stream: 0)
    // Only the first beam counts at first, or all would take the same tokens.
    running = (0..<plan.numBeams).map {
      Beam(tokenIDs: plan.prompt, score: $0 == 0 ? 0 : Self.excluded, row: image)
    }
    endings = Array(repeating: Ending(tokenIDs: plan.prompt), count: plan.numBeams)
  }

  /// Says that the model now has the running beams in consecutive rows.
  mutating func takeRows(startingAt first: Int) {
    for beam in running.indices {
      running[beam].row = first + beam
    }
  }

  /// Chooses the beams that go on and the captions that have ended among the candidates.
  ///
  /// - Parameter stopReasons: why each candidate ends; nil for one that goes on.
  mutating func advance(with candidates: [BeamCandidate], stopReasons: [StopReason?]) {
    let parents = running
    running = TopSelection.best(
      plan.numBeams, of: zip(candidates, stopReasons).map { $1 == nil ? $0.score : $0.score + Self.excluded }
    ).map { chosen in
      let candidate = candidates[chosen.index]
      let parent = parents[candidate.beam]
      return Beam(
        tokenIDs: parent.tokenIDs + [candidate.tokenID],
        logProbabilities: parent.logProbabilities + [candidate.logProbability],
        alternatives: parent.alternatives(with: candidate), score: chosen.score, row: parent.row)
    }
    let generated = (parents.first?.tokenIDs.count ?? 0) + 1 - plan.prompt.count
    updateEndings(candidates, stopReasons, parents, generated: generated)
    isFinished = stopReasons.allSatisfy { $0 != nil } || !mayImprove(generated: generated)
  }

  /// The captions to return, the best first.
  func outputs() -> [GenerationOutput] {
    endings.prefix(plan.numReturnSequences).map {
      GenerationOutput(
        tokenIDs: $0.tokenIDs, score: $0.score, tokenLogProbabilities: $0.logProbabilities,
        alternatives: $0.alternatives, stopReason: $0.stopReason)
    }
  }

  /// Keeps the best of the captions that had ended and those that end now. Only the best `numBeams` candidates may
  /// end: the others are there to go on.
  private mutating func updateEndings(
    _ candidates: [BeamCandidate], _ stopReasons: [StopReason?], _ parents: [Beam], generated: Int
  ) {
    let divisor = lengthDivisor(generated)
    let endsNow = stopReasons.indices.map { stopReasons[$0] != nil && $0 < plan.numBeams }
    let scores = zip(candidates, endsNow).map { $0.score / divisor + ($1 ? 0 : Self.excluded) }
    let previous = endings
    endings = TopSelection.best(plan.numBeams, of: previous.map(\.score) + scores).map { chosen in
      let number = chosen.index - previous.count
      guard number >= 0 else { return previous[chosen.index] }
      let parent = parents[candidates[number].beam]
      return Ending(
        tokenIDs: parent.tokenIDs + [candidates[number].tokenID],
        logProbabilities: parent.logProbabilities + [candidates[number].logProbability],
        alternatives: parent.alternatives(with: candidates[number]), score: chosen.score,
        stopReason: stopReasons[number], isFinished: endsNow[number])
    }
  }

  /// Whether the best running beam might still end better than one of the captions that have ended.
  private func mayImprove(generated: Int) -> Bool {
    if plan.earlyStopping == .always, endings.allSatisfy(\.isFinished) { return false }
    let reach =
      plan.earlyStopping == .never && plan.lengthPenalty > 0
      ? plan.maxLength - plan.prompt.count : generated
    let best = (running.first?.score ?? Self.excluded) / lengthDivisor(reach)
    let worst = endings.map(\.score).min() ?? Self.excluded
    return endings.contains { best > ($0.isFinished ? worst : Self.excluded) }
  }

  private func lengthDivisor(_ length: Int) -> Float {
    Float(pow(Double(length), plan.lengthPenalty))
  }
}
