import VignetteDatasets
import VignetteMetrics
import VignetteTrainer

/// Captions compared with a data set's.
struct ScoredCaptions {
  let scores: [Metric]
  /// What a reader of the scores should know.
  let notes: [String]
  let metricsFile: MetricsFile

  /// - Parameter scenes: what the images of a drawn demo show.
  /// - Throws: `MetricsError`.
  init(
    _ captions: GeneratedCaptions, _ reference: CaptionDataset, scenes: [Int: Scene]?, useStemmer: Bool
  ) throws {
    let evaluation = try COCOEvaluation(
      results: captions.results, references: reference.images.map { ($0.id, $0.captions.map(\.text)) },
      generatedTokens: captions.lengths,
      options: CaptionScorer.Options(rouge: RougeMetric.Options(useStemmer: useStemmer)))
    let scores = evaluation.scores.map { Metric($0.name, $0.reportedValue) }
    self.scores = scores + (scenes.map { [Self.scenesRight(captions, $0)] } ?? [])
    notes = Self.notes(evaluation)
    metricsFile = MetricsFile(
      metrics: self.scores, data: MeasuredData(reference, references: evaluation.referenceCounts),
      generation: captions.generation, dtype: captions.dtype, usesStemmer: useStemmer,
      sources: captions.sources)
  }

  /// The share of captions that name every object, colour and relation rightly.
  private static func scenesRight(_ captions: GeneratedCaptions, _ scenes: [Int: Scene]) -> Metric {
    let right = captions.results.count { result in
      scenes[result.image].map { SceneCaptionChecker.check(result.caption, against: $0).isCorrect } ?? false
    }
    return Metric("scenes_right", Double(right) / Double(max(1, captions.results.count)))
  }

  private static func notes(_ evaluation: COCOEvaluation<Int>) -> [String] {
    var notes: [String] = []
    if !evaluation.missingImages.isEmpty {
      let images = Quantity(
        evaluation.missingImages.count, "image has no prediction and is", "images have no prediction and are")
      notes.append("\(images) left out")
    }
    if evaluation.images.count == 1 {
      notes.append("CIDEr is left out: it weighs words by how rare they are among two images or more")
    }
    return notes
  }
}
