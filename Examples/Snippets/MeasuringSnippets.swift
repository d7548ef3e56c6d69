import Foundation
import VignetteTraining

func measuringCaptions() async throws {
  let validation = try CaptionDataset(
    DatasetOptions(kind: .coco, folder: URL(filePath: "shapes"), split: .validation))
  var options = EvaluationOptions()
  options.generation = GenerationOptions(maxNewTokens: 8, numBeams: 2)
  let evaluator = try await Evaluator(
    CaptionerParts(at: URL(filePath: "run")), validation, options: options)
  let result = try await evaluator.run()
  print(result.loss, result.captions[0].caption)
  for metric in result.metrics { print(metric.key, metric.value) }
  try result.metricsFile().write(to: URL(filePath: "metrics.json"))

  try captionsAlone()
  var words = MeanWords()
  words.add(prediction: "a dog runs", references: [])
  print(try words.scores())
}

private func captionsAlone() throws {
  var scorer = CaptionScorer()
  try scorer.add(prediction: "a cat on a rock", references: ["a cat sits on a rock"])
  try scorer.add(prediction: "a dog runs", references: ["a dog is running", "a running dog"])
  for score in try scorer.scores() { print(score.name, score.reportedValue) }

  let evaluation = try COCOEvaluation(
    results: [(image: 7, caption: "a cat on a rock")],
    references: [(image: 7, captions: ["a cat sits on a rock"]), (image: 8, captions: ["a dog"])],
    options: CaptionScorer.Options(health: false))
  print(evaluation["Bleu_4"] ?? 0, evaluation.missingImages)
}

/// The mean number of words.
struct MeanWords: CaptionMetric {
  private var words = 0
  private var captions = 0

  mutating func add(prediction: String, references: [String]) {
    words += prediction.split(separator: " ").count
    captions += 1
  }

  func scores() throws -> [MetricScore] {
    [MetricScore(name: "mean_words", value: Double(words) / Double(max(1, captions)))]
  }
}
