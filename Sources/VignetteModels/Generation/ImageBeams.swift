import Foundation

/// A continuation of one beam by one token.
struct BeamCandidate {
  let beam: Int
  let tokenID: Int
  /// The sum of the processed log-probabilities up to this token.
  var score: Float
  /// The model's own log-probability of this token.
  let logProbability: Float
}

/// The beams of one image: those that run and the best that ended.
///
/// The arithmetic is Transformers', step by step and in single precision: −10⁹ marks what may not be chosen, and
/// sums with it round as they do there.
struct ImageBeams {
  struct Beam {
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var score: Float
    /// The row of the model's latest step that continues this beam, or whose child it is.
    var row: Int
  }

  private struct Ending {
    var tokenIDs: [Int]
    var logProbabilities: [Float] = []
    var score: Float = ImageBeams.excluded
    var isFinished = false
  }

  private static let excluded: Float = -1e9

  private(set) var running: [Beam]
  private(set) var isFinished = false
  var random: SamplingGenerator
  private let plan: GenerationPlan
  private var endings: [Ending]

  init(_ plan: GenerationPlan, image: Int) {
    self.plan = plan
    random = SamplingGenerator(seed: plan.seed, stream: 0)
    // Only the first beam counts at first, or all would take the same tokens.
    running = (0..<plan.numBeams).map {
      Beam(tokenIDs: [plan.startTokenID], score: $0 == 0 ? 0 : Self.excluded, row: image)
    }
    endings = Array(repeating: Ending(tokenIDs: [plan.startTokenID]), count: plan.numBeams)
  }

  /// Says that the model now has the running beams in consecutive rows.
  mutating func takeRows(startingAt first: Int) {
    for beam in running.indices {
      running[beam].row = first + beam
    }
  }

  /// Chooses the beams that go on and the captions that have ended among the candidates.
  mutating func advance(with candidates: [BeamCandidate]) {
    let length = (running.first?.tokenIDs.count ?? 0) + 1
    let ends = candidates.map { length >= plan.maxLength || plan.endTokenIDs.contains($0.tokenID) }
    let parents = running
    running = TopSelection.best(
      plan.numBeams, of: zip(candidates, ends).map { $1 ? $0.score + Self.excluded : $0.score }
    ).map { chosen in
      let candidate = candidates[chosen.index]
      let parent = parents[candidate.beam]
      return Beam(
        tokenIDs: parent.tokenIDs + [candidate.tokenID],
        logProbabilities: parent.logProbabilities + [candidate.logProbability], score: chosen.score,
        row: parent.row)
    }
    updateEndings(candidates, ends, parents, generated: length - 1)
    isFinished = ends.allSatisfy(\.self) || !mayImprove(generated: length - 1)
  }

  /// The captions to return, the best first.
  func outputs() -> [GenerationOutput] {
    endings.prefix(plan.numReturnSequences).map {
      GenerationOutput(tokenIDs: $0.tokenIDs, score: $0.score, tokenLogProbabilities: $0.logProbabilities)
    }
  }

  /// Keeps the best of the captions that had ended and those that end now. Only the best `numBeams` candidates may
  /// end: the others are there to go on.
  private mutating func updateEndings(
    _ candidates: [BeamCandidate], _ ends: [Bool], _ parents: [Beam], generated: Int
  ) {
    let divisor = lengthDivisor(generated)
    let endsNow = ends.indices.map { ends[$0] && $0 < plan.numBeams }
    let scores = zip(candidates, endsNow).map { $0.score / divisor + ($1 ? 0 : Self.excluded) }
    let previous = endings
    endings = TopSelection.best(plan.numBeams, of: previous.map(\.score) + scores).map { chosen in
      let number = chosen.index - previous.count
      guard number >= 0 else { return previous[chosen.index] }
      let parent = parents[candidates[number].beam]
      return Ending(
        tokenIDs: parent.tokenIDs + [candidates[number].tokenID],
        logProbabilities: parent.logProbabilities + [candidates[number].logProbability], score: chosen.score,
        isFinished: endsNow[number])
    }
  }

  /// Whether the best running beam might still end better than one of the captions that have ended.
  private func mayImprove(generated: Int) -> Bool {
    if plan.earlyStopping == .always, endings.allSatisfy(\.isFinished) { return false }
    let reach =
      plan.earlyStopping == .never && plan.lengthPenalty > 0 ? plan.maxLength - 1 : generated
    let best = (running.first?.score ?? Self.excluded) / lengthDivisor(reach)
    let worst = endings.map(\.score).min() ?? Self.excluded
    return endings.contains { best > ($0.isFinished ? worst : Self.excluded) }
  }

  private func lengthDivisor(_ length: Int) -> Float {
    Float(pow(Double(length), plan.lengthPenalty))
  }
}
