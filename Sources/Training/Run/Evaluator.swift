import Foundation
import Datasets
import Metrics
import Models
import Tensors
import Tokenizers

/// Measures a model on a data set: the loss of its captions, and the captions that it generates itself.
///
/// Only sums, token ids and texts are kept between batches.
struct Evaluator {
  let model: VisionEncoderDecoder
  let batches: CaptionBatches
  let step: TrainingStep
  let tokens: CaptionTokenizer
  /// How captions are generated; nil for the loss alone.
  let generation: GenerationOptions?

  struct Result {
    let loss: Double
    /// ROUGE and BLEU in per cent, CIDEr as it is.
    let metrics: [(String, Double)]
    let captions: [EvaluatedCaption]
  }

  /// - Parameter progress: called with the batches done and their number.
  func run(progress: (Int, Int) -> Void) throws -> Result {
    var (loss, labels) = (0.0, 0)
    var scorer = CaptionScorer()
    var captions: [EvaluatedCaption] = []
    let epoch = batches.batches(epoch: 0)
    let total = batches.plan.batches(epoch: 0).count
    var done = 0
    while let next = try epoch.next() {
      done += 1
      progress(done, total)
      guard let batch = next else { continue }
      let image = try step.encode(batch.training)
      let sum = step.evaluate(batch.training, image: image)
      loss += sum.loss
      labels += sum.labels
      guard let generation else { continue }
      var decoding = CachedDecoding(model, image: image)
      for (number, outputs) in try decoding.generate(generation).enumerated() {
        let ids = outputs[0].tokenIDs
        let caption = tokens.tokenizer.decode(ids, skipSpecialTokens: true).trimmingCharacters(
          in: .whitespacesAndNewlines)
        try scorer.add(prediction: caption, references: batch.references[number], generatedTokens: ids.count)
        captions.append(
          EvaluatedCaption(
            path: batches.dataset.images[batch.images[number]].path, caption: caption,
            references: batch.references[number]))
      }
    }
    return Result(
      loss: loss / Double(max(1, labels)), metrics: captions.count > 1 ? try metrics(scorer) : [],
      captions: captions)
  }

  private func metrics(_ scorer: CaptionScorer) throws -> [(String, Double)] {
    let percent = ["rouge1", "rouge2", "rougeL", "rougeLsum", "Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4"]
    return try scorer.scores().map { ($0.name, percent.contains($0.name) ? 100 * $0.value : $0.value) }
  }
}
