import Foundation
import VignetteDatasets
import VignetteMetrics
import VignetteModels
import VignetteTensors
import VignetteTokenizers

/// Measures a model on a data set: the loss of its captions, and the captions that it generates itself.
///
/// Only sums, token ids and texts are kept between batches.
struct Evaluator {
  let model: any CaptionModel
  let batches: CaptionBatches
  let step: TrainingStep
  let tokens: CaptionTokenizer
  /// How captions are generated; nil for the loss alone.
  let generation: GenerationOptions?

  struct Result {
    let loss: Double
    /// By the names and in the units of `vignette evaluate`; none where no captions are generated, and no CIDEr for a
    /// single one.
    let metrics: [Metric]
    let captions: [EvaluatedCaption]
  }

  /// - Throws: ``TrainingError/noReadableImages(_:_:)``, which no loss could stand for; what stops a step.
  /// - Parameter progress: called with the batches done, from 0 on, and their number.
  func run(progress: (Int, Int) -> Void) throws -> Result {
    var (loss, labels) = (0.0, 0)
    var scorer = CaptionScorer()
    var captions: [EvaluatedCaption] = []
    var lastPlace: Int?
    let epoch = batches.batches(epoch: 0)
    let total = epoch.count
    var done = 0
    progress(done, total)
    while let next = try epoch.next() {
      defer {
        done += 1
        progress(done, total)
      }
      guard let batch = next else { continue }
      let features = try step.encode(batch.training)
      let sum = try step.evaluate(batch.training, features: features)
      loss += sum.loss
      labels += sum.labels
      guard let generation else { continue }
      var decoding = model.decoding(of: features)
      for (number, outputs) in try decoding.generate(generation).enumerated() {
        let place = batch.images[number]
        // An image with more captions than a batch holds goes on in the next batch; it is measured once.
        if batches.plan.groupCaptions, place == lastPlace { continue }
        lastPlace = place
        let ids = outputs[0].tokenIDs
        let caption = EvaluatedCaption(
          path: batches.dataset.images[place].path,
          caption: tokens.tokenizer.decode(ids, skipSpecialTokens: true)
            .trimmingCharacters(in: .whitespacesAndNewlines),
          references: references(batch, number))
        try scorer.add(
          prediction: caption.caption, references: caption.references,
          generatedTokens: ids.count { $0 != tokens.padTokenID })
        captions.append(caption)
      }
    }
    guard labels > 0 else {
      throw TrainingError.noReadableImages(batches.skipped.count, batches.dataset.split)
    }
    return Result(
      loss: loss / Double(labels), metrics: captions.isEmpty ? [] : try metrics(scorer), captions: captions)
  }

  /// What a batch's image is compared with: all of its captions, or that of the pair where they aren't grouped.
  private func references(_ batch: CaptionBatches.Batch, _ number: Int) -> [String] {
    guard batches.plan.groupCaptions else { return batch.references[number] }
    return batches.dataset.images[batch.images[number]].captions.map(\.trimmedText)
  }

  private func metrics(_ scorer: CaptionScorer) throws -> [Metric] {
    try scorer.scores().map { Metric($0.name, $0.reportedValue) }
  }
}
