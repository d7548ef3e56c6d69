import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

@Suite struct CaptionHealthTests {
  @Test func differentCaptionsAreHealthy() throws {
    let health = try #require(
      CaptionHealth(captions: ["a dog on grass", "a cat", "two men play football", " a cat "]))
    #expect(health.count == 4 && health.distinctShare == 0.75 && health.repetitionRate == 0)
    #expect(health.commonest == "a cat" && health.commonestShare == 0.5)
    #expect(health.warnings == [])
    #expect(health.summary == "3 of 4 captions differ (75%), 0% repeat themselves")
  }

  @Test func theSameCaptionForEveryImageIsToldAbout() throws {
    let health = try #require(
      CaptionHealth(captions: Array(repeating: "a man in a\nred shirt", count: 9) + ["a dog"]))
    #expect(
      health.warnings == [
        "captions are nearly the same for every image: 20% of 10 differ, and 90% are \"a man in a red shirt\". "
          + "The model isn't looking at the images yet; train longer, or check that each caption stands beside "
          + "its image."
      ])
  }

  @Test func goingRoundInCirclesIsToldAbout() throws {
    let health = try #require(CaptionHealth(captions: ["a man a man a man a man", "a man and a man"]))
    #expect(health.repetitionRate == 0.5)
    #expect(health.warnings.count == 1)
    #expect(health.warnings.first?.hasPrefix("captions repeat themselves: 50% of them") == true)
  }

  /// Who knows how the user spells options says so.
  @Test func optionsAreSpelledAsTheUserDoes() throws {
    let samples = ["a man a man a man a man", "a man and a man"].map {
      EvaluatedCaption(path: "x.png", caption: $0, references: ["a man"])
    }
    let terminal = FakeTerminal()
    let callback = ProgressCallback(
      output: terminal.output(.nothing),
      spelling: { $0.replacing("`no_repeat_ngram_size`", with: "--ngrams") })
    callback.evaluated(
      EvaluationRecord(epoch: 1, step: 1, trainingLoss: nil, validationLoss: 1, metrics: []), samples: samples
    )
    let text = terminal.take()
    #expect(text.contains("generate with --ngrams 3.") && !text.contains("`"), "\(text)")

    var report = TrainingReport(
      title: "x", summary: "", history: [], health: CaptionHealth(captions: samples.map(\.caption)))
    #expect(report.html().contains("`no_repeat_ngram_size` 3"))
    report.spelling = { _ in "spelled" }
    #expect(report.html().contains("</strong> spelled</p>"))
    var card = ModelCard(
      name: "x", summary: "",
      records: [
        EvaluationRecord(
          epoch: 1, step: 1, trainingLoss: nil, validationLoss: 1, metrics: [Metric("CLIPScore", 0.7)])
      ], health: report.health)
    card.spelling = { _ in "spelled" }
    #expect(card.text.contains("> **Look out:** spelled"))
    #expect(
      card.text.contains(
        "CLIPScore is 2.5 times the cosine of image and caption, and 0 where that is negative."))
  }

  @Test func noCaptionsHaveNoHealth() {
    #expect(CaptionHealth(captions: []) == nil)
    #expect(CaptionHealth(captions: [""])?.distinctShare == 1)
  }
}
