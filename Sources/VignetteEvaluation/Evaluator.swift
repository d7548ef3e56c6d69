public import Foundation
public import Vignette
public import VignetteDatasets
import VignetteMetrics
public import VignetteModels
public import VignetteTensors
import VignetteTokenizers

/// How a captioner is measured on a data set.
public struct EvaluationOptions: Sendable {
  /// Captions of a batch.
  public var batchSize = 8
  /// What captions are generated with where it isn't as the checkpoint says; nil for the loss alone.
  public var generation: GenerationOptions? = GenerationOptions()
  /// Measure `cer`, the character error rate, too: for models that read.
  public var characterErrors = false
  /// What else scores captions, by their images.
  public var imageTextScorers: [ImageTextScorer] = []
  /// The share of each label's probability that is spread over the whole vocabulary.
  public var labelSmoothingFactor = 0.0
  /// Maximum number of labels of a caption, its end token included; never more than the decoder has positions for.
  public var maxTargetLength = 128
  /// Threads that read images ahead; 0 reads each when it is needed.
  public var dataloaderNumWorkers = 1
  /// Leave out images that can't be read, instead of throwing at the first one.
  public var checkImages = true

  public init() {}
}

/// A caption that an evaluation generated.
public struct EvaluatedCaption: Sendable, Equatable {
  /// The image's file.
  public let path: String
  public let caption: String
  /// What people wrote, in the data set's order.
  public let references: [String]

  public init(path: String, caption: String, references: [String]) {
    self.path = path
    self.caption = caption
    self.references = references
  }
}

/// What an evaluation measured, and on what.
public struct EvaluationResult: Sendable {
  /// The mean over all labels, in nats.
  public let loss: Double
  /// By the names and in the units of `vignette evaluate`; none where no captions are generated, and no CIDEr for a
  /// single one.
  public let metrics: [Metric]
  /// In the data set's order; none where none are generated.
  public let captions: [EvaluatedCaption]
  /// The images that couldn't be read.
  public let skipped: [SkippedImage]
  public let data: MeasuredData
  /// How captions were generated, nothing left open.
  public let generation: GenerationOptions?
  /// What was computed in.
  public let dtype: Precision
  let imageTextScorers: [ImageTextScorer]

  /// `metrics.json` of the result.
  ///
  /// - Parameter sources: the files of the model's weights, of which it holds checksums.
  public func metricsFile(sources: [URL] = []) -> MetricsFile {
    MetricsFile(
      metrics: [Metric("loss", loss)] + metrics, data: data, generation: generation, dtype: dtype,
      sources: sources, imageTextScorers: imageTextScorers)
  }
}

/// Measures a captioner on a data set: the loss of its captions, and the captions that it generates itself.
///
/// ```swift
/// let evaluator = try await Evaluator(CaptionerParts(at: folder), validation)
/// let result = try await evaluator.run()
/// print(result.loss, result.metrics.map { "\($0.key) \($0.value)" })
/// ```
///
/// Only sums, token ids and texts are kept between batches. An evaluator lives on the compute thread, and
/// computes on all threads of the library; captioners have their turns between its batches.
@ComputeThread
public final class Evaluator {
  package let batches: CaptionBatches
  private let model: any CaptionModel
  private let encoder: any ImageEncoder
  private let tokens: CaptionTokenizer
  private let forcing: TeacherForcing
  private let generation: GenerationOptions?
  /// The tokens that captions begin with; the start token alone if nil.
  private let prompt: [Int]?
  private let characterErrors: Bool
  package let imageTextScorers: [ImageTextScorer]
  /// What sets the size of batches, by its name.
  private let batchSetting: String

  /// - Parameters:
  ///   - parts: model, tokenizer and image processor.
  ///   - dataset: captions to measure on.
  /// - Throws: ``EvaluationError``; `GenerationError` where options contradict themselves or the model.
  public convenience init(
    _ parts: CaptionerParts, _ dataset: CaptionDataset, options: EvaluationOptions = EvaluationOptions()
  ) throws {
    var batchOptions = BatchOptions()
    batchOptions.batchSize = max(1, options.batchSize)
    batchOptions.labels.maxTargetLength = max(2, options.maxTargetLength)
    batchOptions.workers = max(0, options.dataloaderNumWorkers)
    batchOptions.checkImages = options.checkImages
    try self.init(
      parts, dataset, batchOptions,
      tokens: CaptionTokenizer(
        parts.tokenizer, parts.model, prompt: options.generation?.prompt ?? ""),
      encoder: ModelEncoder(parts.model), labelSmoothing: options.labelSmoothingFactor,
      generation: options.generation, characterErrors: options.characterErrors,
      imageTextScorers: options.imageTextScorers, batchSetting: "batch_size")
  }

  /// - Parameters:
  ///   - generation: takes precedence over the checkpoint's; nil for the loss alone.
  ///   - characterErrors: whether to measure the character error rate.
  ///   - imageTextScorers: what else scores captions.
  package init(
    _ parts: CaptionerParts, _ dataset: CaptionDataset, _ options: BatchOptions, tokens: CaptionTokenizer,
    encoder: any ImageEncoder, labelSmoothing: Double, generation: GenerationOptions?,
    characterErrors: Bool = false, imageTextScorers: [ImageTextScorer] = [],
    batchSetting: String = "per_device_eval_batch_size"
  ) throws {
    guard dataset.captionCount > 0 else { throw EvaluationError.noCaptions(dataset.split) }
    model = parts.model
    self.characterErrors = characterErrors
    self.imageTextScorers = imageTextScorers
    self.batchSetting = batchSetting
    self.tokens = tokens
    self.encoder = encoder
    batches = CaptionBatches(dataset, options, tokens: tokens, processor: parts.imageProcessor)
    forcing = TeacherForcing(
      model, startTokenID: tokens.startTokenID, padTokenID: tokens.padTokenID, prompt: tokens.prompt,
      labelSmoothing: Float(labelSmoothing))
    let generation = generation?.filled(from: parts.generation)
    prompt = generation?.promptTokenIDs(parts.tokenizer)
    self.generation = try generation?.resolved(for: model, prompt: prompt)
  }

  /// How captions are generated, nothing left open; nil where none are.
  public var resolvedGeneration: GenerationOptions? { generation }

  /// What is measured on, without the images that couldn't be read so far.
  public var data: MeasuredData { MeasuredData(batches.dataset, references: batches.referenceCounts) }

  /// Batches of an evaluation.
  public var batchCount: Int { batches.plan.batches(epoch: 0).count }

  /// Measures the model as it is now. Where it is trained meanwhile, no result is of one model.
  ///
  /// - Parameter progress: called with the batches done, from 0 on, and their number.
  /// - Throws: ``EvaluationError/noReadableImages(_:_:)``, which no loss could stand for;
  ///   ``EvaluationError/imagesGone(folder:reason:)``; `CancellationError`; what the model throws at a batch.
  public func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) async throws
    -> EvaluationResult
  {
    var (loss, labels) = (0.0, 0)
    var scorer = CaptionScorer(options: CaptionScorer.Options(characterErrors: characterErrors))
    var tallies = imageTextScorers.map { ImageTextTally($0.scoreNames) }
    var captions: [EvaluatedCaption] = []
    var lastIndex: Int?
    let epoch = batches.batches(epoch: 0, for: encoder)
    var done = 0
    progress(done, epoch.count)
    while let next = try epoch.next() {
      try Task.checkCancellation()
      defer {
        done += 1
        progress(done, epoch.count)
      }
      await Task.yield()
      guard let batch = next else { continue }
      let computed = try MemoryFault.thrown(by: "an evaluation", lowering: [batchSetting]) {
        try compute(batch)
      }
      loss += computed.loss
      labels += computed.labels
      let known = captions.count
      for (row, outputs) in computed.outputs.enumerated() {
        let index = batch.indices[row]
        // An image with more captions than a batch holds goes on in the next batch; it is measured once.
        if batches.plan.groupCaptions, index == lastIndex { continue }
        lastIndex = index
        let ids = outputs[0].tokenIDs
        let caption = EvaluatedCaption(
          path: batches.dataset.images[index].path,
          caption: tokens.text(of: prompt.map { Array(ids.dropFirst($0.count)) } ?? ids),
          references: references(batch, row))
        try scorer.add(
          prediction: caption.caption, references: caption.references,
          generatedTokens: ids.count { $0 != tokens.padTokenID })
        captions.append(caption)
      }
      let added = captions[known...].map(ImageText.init)
      for (index, scorer) in imageTextScorers.enumerated() where !added.isEmpty {
        tallies[index].add(try scorer.values(of: added))
      }
    }
    guard labels > 0 else {
      throw EvaluationError.noReadableImages(batches.skipped.count, batches.dataset.split)
    }
    let scores = captions.isEmpty ? [] : try scorer.scores() + tallies.flatMap(\.scores)
    return EvaluationResult(
      loss: loss / Double(labels), metrics: Metric.all(scores), captions: captions,
      skipped: batches.skipped.all, data: data, generation: generation, dtype: model.precision,
      imageTextScorers: imageTextScorers)
  }

  /// A batch's loss and labels, and the captions generated for its images, if there are to be any.
  private func compute(
    _ batch: CaptionBatch
  ) throws -> (loss: Double, labels: Int, outputs: [[GenerationOutput]]) {
    let features = try encoder.encode(batch.images, on: nil)
    let sums = try forcing.sums(of: batch, features: features)
    guard let generation else { return (sums.loss, sums.labels, []) }
    var decoding = model.decoding(of: features)
    let outputs = try decoding.generate(
      generation, prompts: prompt.map { Array(repeating: $0, count: features.imageCount) },
      tokenText: TokenText(tokens.tokenizer))
    return (sums.loss, sums.labels, outputs)
  }

  /// What a batch's image is compared with: all of its captions, or that of the pair where they aren't grouped.
  private func references(_ batch: CaptionBatch, _ row: Int) -> [String] {
    guard batches.plan.groupCaptions else { return batch.references[row] }
    return batches.dataset.images[batch.indices[row]].captions.map(\.trimmedText)
  }
}
