package import Foundation
package import Vignette
package import VignetteDatasets
import VignetteFiles
import VignetteMetrics
package import VignetteModels
package import VignetteTensors

/// Captions to be measured: a model's, or those of a file.
package struct GeneratedCaptions {
  package private(set) var results: [(image: ImageID, caption: String)] = []
  /// How many tokens were generated for an image; none for captions from a file.
  private(set) var lengths: [ImageID: Int] = [:]
  /// Images that couldn't be read.
  package var failures = 0
  /// The files that they come from: a model's weights, or the captions themselves.
  let sources: [URL]
  /// How they were generated, nothing left open; nil for captions from a file.
  let generation: GenerationOptions?
  /// What was computed in; nil for captions from a file.
  let dtype: Precision?

  package init(
    _ results: [(image: ImageID, caption: String)] = [], from sources: [URL],
    generation: GenerationOptions? = nil, dtype: Precision? = nil
  ) {
    self.results = results
    self.sources = sources
    self.generation = generation
    self.dtype = dtype
  }

  /// - Parameter text: what is measured of a caption.
  package mutating func add(_ caption: Caption, text: String, of image: ImageID, padTokenID: Int?) {
    results.append((image, text))
    lengths[image] = caption.tokenIDs.count { $0 != padTokenID }
  }

  /// Those captions whose images are in `dataset`, with image and references.
  package func withImages(of dataset: CaptionDataset) -> [ImageText] {
    let images = Dictionary(dataset.images.map { ($0.id, $0) }) { first, _ in first }
    return results.compactMap { result in
      images[result.image].map { image in
        ImageText(
          URL(fileURLWithPath: image.path), caption: result.caption,
          references: image.captions.map(\.text))
      }
    }
  }
}

extension ImageTextScorer {
  /// Scores of captions in the units in which they are reported.
  package func metrics(
    of captions: [ImageText], progress: @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws -> [Metric] {
    Metric.all(try await scores(of: captions, progress: progress))
  }

  /// The same of those captions whose images can be read, and what is wrong with the others' images.
  ///
  /// - Throws: as ``scores(of:progress:)``; ``EvaluationError/noImagesToScoreBy(_:reason:)``.
  package func readableMetrics(
    of captions: [ImageText], progress: @Sendable (_ done: Int, _ total: Int) -> Void
  ) async throws -> (metrics: [Metric], unreadable: [(index: Int, error: any Error)]) {
    let tally = try await tally(of: captions, skipsUnreadable: true, progress: progress)
    if let first = tally.unreadable.first, tally.unreadable.count == captions.count {
      throw EvaluationError.noImagesToScoreBy(captions.count, reason: "\(first.error)")
    }
    return (Metric.all(tally.scores), tally.unreadable)
  }
}

/// Captions compared with a data set's, image by image.
package struct ScoredCaptions {
  package private(set) var scores: [Metric]
  /// What a reader of the scores should know.
  package let notes: [String]
  package private(set) var metricsFile: MetricsFile

  /// - Parameters:
  ///   - scenes: what the images of a drawn demo show.
  ///   - characterErrors: whether to measure the character error rate.
  /// - Throws: `MetricsError`.
  package init(
    _ captions: GeneratedCaptions, _ reference: CaptionDataset, scenes: [ImageID: Scene]?, useStemmer: Bool,
    characterErrors: Bool = false
  ) throws {
    let evaluation = try COCOEvaluation(
      results: captions.results, references: reference.images.map { ($0.id, $0.captions.map(\.text)) },
      generatedTokens: captions.lengths,
      options: CaptionScorer.Options(
        rouge: RougeMetric.Options(useStemmer: useStemmer), characterErrors: characterErrors))
    scores = Metric.all(evaluation.scores) + (scenes.map { [Self.scenesRight(captions, $0)] } ?? [])
    notes = Self.notes(evaluation)
    metricsFile = MetricsFile(
      metrics: scores, data: MeasuredData(reference, references: evaluation.referenceCounts),
      generation: captions.generation, dtype: captions.dtype, usesStemmer: useStemmer,
      sources: captions.sources)
  }

  /// Captions of a data set that has none to compare with.
  package init(_ captions: GeneratedCaptions, withoutReferences reference: CaptionDataset) {
    (scores, notes) = ([], [])
    metricsFile = MetricsFile(
      metrics: [],
      data: MeasuredData(reference, references: captions.results.map { _ in 0 }),
      generation: captions.generation, dtype: captions.dtype, sources: captions.sources)
  }

  /// Adds what `scorer` gave captions for their images.
  package mutating func add(_ metrics: [Metric], of scorer: ImageTextScorer) {
    scores += metrics
    metricsFile.metrics += metrics
    metricsFile.imageTextScorers.append(scorer)
  }

  /// The share of captions that name every object, colour and relation rightly.
  private static func scenesRight(_ captions: GeneratedCaptions, _ scenes: [ImageID: Scene]) -> Metric {
    let right = captions.results.count { result in
      scenes[result.image].map { SceneCaptionChecker.check(result.caption, against: $0).isCorrect } ?? false
    }
    return Metric("scenes_right", Double(right) / Double(max(1, captions.results.count)))
  }

  private static func notes(_ evaluation: COCOEvaluation<ImageID>) -> [String] {
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
