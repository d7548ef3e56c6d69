import VignetteMetrics
import Testing

/// A caption and its references, as the fixtures hold them.
struct CaptionFixture: Decodable {
  let prediction: String
  let references: [String]
}

/// A score as the reference implementation gave it.
struct ScoreFixture: Decodable {
  let value: Double
  let perImage: [Double]
}

/// Expects every score of `expected` among `scores`, to 1e-9, for the set and for each image.
func expectEqual(
  _ scores: [MetricScore], _ expected: [String: ScoreFixture],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for (name, score) in expected {
    guard let ours = scores.first(where: { $0.name == name }) else {
      Issue.record("no score named \(name)", sourceLocation: sourceLocation)
      continue
    }
    #expect(abs(ours.value - score.value) < 1e-9, "\(name)", sourceLocation: sourceLocation)
    #expect(ours.perImage.count == score.perImage.count, "\(name)", sourceLocation: sourceLocation)
    for (index, (mine, theirs)) in zip(ours.perImage, score.perImage).enumerated() {
      #expect(abs(mine - theirs) < 1e-9, "\(name) of caption \(index)", sourceLocation: sourceLocation)
    }
  }
}
