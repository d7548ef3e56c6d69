import Testing
import VignetteMetrics
import VignetteTestSupport

@Suite("Character error rate")
struct CharacterErrorTests {
  struct Case: Decodable {
    let lines: [CaptionFixture]
    let score: ScoreFixture
  }

  @Test("equals evaluate's cer with jiwer")
  func scores() throws {
    let cases = try Fixture.json([Case].self, "character_errors/cases.json")
    #expect(cases.count == 2)
    for expected in cases {
      var metric = CharacterErrorMetric()
      for line in expected.lines { try metric.add(prediction: line.prediction, references: line.references) }
      expectEqual(try metric.scores(), ["cer": expected.score])
    }
  }

  @Test("counts what was read where nothing stands")
  func emptyReferences() throws {
    var metric = CharacterErrorMetric()
    try metric.add(prediction: "ab", references: [" "])
    try metric.add(prediction: "", references: [""])
    #expect(try metric.scores() == [MetricScore(name: "cer", value: 2, perImage: [2, 0])])
  }

  @Test("refuses a prediction without references, and no predictions")
  func refusals() throws {
    var metric = CharacterErrorMetric()
    #expect(throws: MetricsError.noCaptions) { try metric.scores() }
    #expect(throws: MetricsError.noReferences(image: nil)) {
      try metric.add(prediction: "a", references: [])
    }
  }

  @Test("stands behind the other scores where it is asked for")
  func scorer() throws {
    var scorer = CaptionScorer(options: .init(characterErrors: true))
    try scorer.add(prediction: "abcd", references: ["abxd"], generatedTokens: 2)
    try scorer.add(prediction: "a", references: ["abcd"], generatedTokens: 1)
    let scores = try scorer.scores()
    #expect(scores.map(\.name) == CaptionScorer.scoreNames)
    #expect(scores.last?.value == 0.5 && scores.last?.perImage == [0.25, 0.75])
  }
}
