import VignetteMetrics
import VignetteTestSupport
import Testing

@Suite("Evaluation")
struct EvaluationTests {
  private let references: [(image: Int, captions: [String])] = [
    (7, ["a cat on a mat", "the cat sits"]), (3, ["two dogs run"]), (9, ["a red bus"]),
  ]

  @Test("gives every score by name, in order, with each image's own")
  func names() throws {
    var scorer = CaptionScorer()
    try scorer.add(prediction: "a cat", references: ["the cat"], generatedTokens: 3)
    try scorer.add(prediction: "a dog", references: ["a dog", "dogs"], generatedTokens: 4)
    let scores = try scorer.scores()
    #expect(
      scores.map(\.name) == [
        "Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr", "rouge1", "rouge2", "rougeL", "rougeLsum",
        "gen_len", "distinct_captions", "repetition_rate",
      ])
    #expect(scores.first { $0.name == "gen_len" }?.value == 3.5)
    #expect(scores.first { $0.name == "rouge1" }?.perImage == [0.5, 1])
  }

  @Test("leaves out what it was told to")
  func options() throws {
    var scorer = CaptionScorer(options: .init(coco: false, health: false))
    try scorer.add(prediction: "a cat", references: ["the cat"])
    #expect(try scorer.scores().map(\.name) == ["rouge1", "rouge2", "rougeL", "rougeLsum"])
  }

  @Test("results in any order give the same scores, in the references' order")
  func order() throws {
    let results = [
      (image: 9, caption: "a bus"), (image: 7, caption: "a cat"), (image: 3, caption: "dogs run"),
    ]
    let forward = try COCOEvaluation(results: results, references: references)
    let backward = try COCOEvaluation(results: results.reversed(), references: references)
    #expect(forward.scores == backward.scores)
    #expect(forward.images == [7, 3, 9])
    #expect(forward.missingImages.isEmpty)
    var scorer = CaptionScorer()
    for (image, captions) in references {
      let caption = try #require(results.first { $0.image == image }?.caption)
      try scorer.add(prediction: caption, references: captions)
    }
    #expect(try scorer.scores() == forward.scores)
    #expect(forward["CIDEr"] == forward.scores.first { $0.name == "CIDEr" }?.value)
  }

  @Test("counts images without a result")
  func missing() throws {
    let evaluation = try COCOEvaluation(
      results: [(image: 9, caption: "a bus"), (image: 3, caption: "dogs")], references: references)
    #expect(evaluation.images == [3, 9])
    #expect(evaluation.missingImages == [7])
  }

  @Test("gives the mean length where every result has one")
  func lengths() throws {
    let results = [(image: 9, caption: "a bus"), (image: 3, caption: "dogs")]
    let known = try COCOEvaluation(
      results: results, references: references, generatedTokens: [9: 4, 3: 2, 7: 100])
    #expect(known["gen_len"] == 3)
    let unknown = try COCOEvaluation(results: results, references: references, generatedTokens: [9: 4])
    #expect(unknown["gen_len"] == nil)
  }

  @Test("refuses duplicates, unknown images and empty references, naming them")
  func refusals() {
    #expect(throws: MetricsError.duplicateResult(image: "9")) {
      try COCOEvaluation(
        results: [(image: 9, caption: "a"), (image: 9, caption: "b")], references: references)
    }
    #expect(throws: MetricsError.unknownImages(["1", "2"], total: 2)) {
      try COCOEvaluation(
        results: [(image: 1, caption: "a"), (image: 2, caption: "b")], references: references)
    }
    #expect(throws: MetricsError.noReferences(image: "5")) {
      try COCOEvaluation(results: [(image: 5, caption: "a")], references: [(image: 5, captions: [])])
    }
    #expect(throws: MetricsError.noCaptions) { try COCOEvaluation(results: [], references: references) }
    let error = MetricsError.unknownImages(["1", "2"], total: 12)
    #expect("\(error)".contains("12 images") && "\(error)".contains("1, 2, …"))
  }

  @Test("tells captions that are all the same, or repeat themselves")
  func health() throws {
    var metric = CaptionHealthMetric()
    for caption in ["a dog", "a dog ", "a cat and a cat and a cat", "a bird"] {
      metric.add(prediction: caption, references: [])
    }
    let scores = try metric.scores()
    #expect(scores.map(\.name) == ["distinct_captions", "repetition_rate"])
    #expect(scores.map(\.value) == [0.75, 0.25])
  }
}
