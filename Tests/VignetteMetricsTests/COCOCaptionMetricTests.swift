import VignetteMetrics
import VignetteTestSupport
import Testing

@Suite("coco-caption's scores")
struct COCOCaptionMetricTests {
  struct Golden: Decodable {
    let captions: [CaptionFixture]
    let scores: [String: ScoreFixture]
  }

  private func scores(_ captions: [CaptionFixture]) throws -> [MetricScore] {
    var metric = COCOCaptionMetric()
    for caption in captions { try metric.add(prediction: caption.prediction, references: caption.references) }
    return try metric.scores()
  }

  @Test("equal pycocoevalcap's, for the set and for each image")
  func awkwardCaptions() throws {
    let captions = try Fixture.json([CaptionFixture].self, "metrics/captions.json")
    expectEqual(
      try scores(captions), try Fixture.json([String: ScoreFixture].self, "metrics/coco_scores.json"))
  }

  @Test("equal pycocoevalcap's on small corpora")
  func goldens() throws {
    for golden in try Fixture.json([Golden].self, "metrics/goldens.json") {
      expectEqual(try scores(golden.captions), golden.scores)
    }
  }

  @Test("the figures that other implementations are checked with")
  func publishedFigures() throws {
    let expected: [(captions: [(String, String)], cider: Double, rouge: Double, bleu: [Double])] = [
      (
        [("a cat on a rock", "a cat on a stone"), ("the dog in the park", "the dog in the park")],
        8.467262, 0.9, [0.9, 0.887412, 0.869007, 0.837592]
      ),
      (
        [
          ("a man riding a bicycle on a street", "a man riding a bicycle on a street"),
          ("a woman walking with an umbrella in the rain", "a woman holding an umbrella walking in the rain"),
          ("a child playing with a red ball", "a child playing with a yellow ball"),
        ], 6.737103, 0.878307, [0.916667, 0.809174, 0.713845, 0.641881]
      ),
    ]
    for corpus in expected {
      let found = try scores(corpus.captions.map { CaptionFixture(prediction: $0.0, references: [$0.1]) })
      let values = Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.value) })
      for (index, bleu) in corpus.bleu.enumerated() {
        #expect(abs((values["Bleu_\(index + 1)"] ?? 0) - bleu) < 1e-6)
      }
      #expect(abs((values["CIDEr"] ?? 0) - corpus.cider) < 1e-6)
      #expect(abs((values["ROUGE_L"] ?? 0) - corpus.rouge) < 1e-6)
    }
  }

  @Test("One image has no CIDEr, and every other score")
  func oneImage() throws {
    var metric = COCOCaptionMetric()
    #expect(throws: MetricsError.noCaptions) { try metric.scores() }
    try metric.add(prediction: "a cat", references: ["a cat"])
    #expect(try metric.scores().map(\.name) == ["Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L"])
    try metric.add(prediction: "a dog", references: ["a dog"])
    #expect(try metric.scores().last?.name == "CIDEr")
  }
}
