import Vignette
import VignetteDatasets
import Logging
public import Foundation
import VignetteCheckpoints
import VignetteFiles
public import VignetteModels

extension Trainer {
  /// How captions are generated in evaluations.
  private var evaluationOptions: GenerationOptions {
    var options = GenerationOptions()
    if arguments.generationMaxLength > 0 { options.maxLength = arguments.generationMaxLength }
    if arguments.generationNumBeams > 0 { options.numBeams = arguments.generationNumBeams }
    return options.filled(from: parts.generation)
  }

  /// Before an epoch is spent: whether the model can generate as it is asked to.
  func checkGeneration() throws {
    guard evaluation != nil, arguments.predictWithGenerate else { return }
    // The last token of a caption is never fed back.
    let longest = model.maximumLength + 1
    guard arguments.generationMaxLength <= longest else {
      throw TrainingError.argument(
        "--generation-max-length",
        "must be at most \(longest), as the decoder has \(model.maximumLength) positions, but is "
          + "\(arguments.generationMaxLength)")
    }
    _ = try evaluationOptions.resolved(for: model)
  }

  /// Before an epoch is spent: whether the metric that tells the best model can be measured.
  func checkSelection() throws {
    guard let selection, let evaluation, selection.needsTwoImages, evaluation.dataset.images.count < 2 else {
      return
    }
    throw TrainingError.argument(
      "--metric-for-best-model", "is \(selection.metric), which one image alone doesn't have")
  }

  /// How evaluations generate captions, nothing left open; nil where they generate none.
  public var evaluationGeneration: GenerationOptions? {
    arguments.predictWithGenerate && evaluation != nil ? try? evaluationOptions.resolved(for: model) : nil
  }

  /// Writes `metrics.json`: what the evaluation of ``model`` measured, and on what, how and with which weights.
  /// Where the model as it is now wasn't evaluated, there is no such file.
  ///
  /// - Parameter folder: where ``saveModel(to:format:)`` wrote the model.
  /// - Throws: what the file system says.
  public func saveMetrics(to folder: URL) throws {
    let url = folder.appendingPathComponent(MetricsFile.fileName)
    let entry = state.logHistory.last { $0.isEvaluation && $0.step == modelStep }
    guard let evaluation, let entry else {
      // An earlier run's tells of another model.
      return try AtomicFile.remove(url)
    }
    try MetricsFile(
      metrics: entry.measured,
      data: MeasuredData(evaluation.dataset, references: evaluation.referenceCounts),
      generation: evaluationGeneration, dtype: model.precision,
      sources: CheckpointFolder(at: folder).weightFiles, step: entry.step
    ).write(to: url)
  }

  /// Measures the model and logs the result.
  ///
  /// - Returns: whether this is the best evaluation so far.
  func evaluate() throws -> Bool {
    guard let evaluation else { return false }
    let started = Date()
    let evaluator = Evaluator(
      model: model, batches: evaluation, step: step, tokens: tokens,
      generation: arguments.predictWithGenerate ? evaluationOptions : nil)
    let result = try evaluator.run { done, total in
      for callback in callbacks { callback.evaluating(done: done, of: total) }
    }
    log(
      .evaluation(
        loss: result.loss, metrics: result.metrics.map { ($0.key, $0.value) },
        speed: Speed(
          runtime: -started.timeIntervalSinceNow, samples: evaluation.dataset.captionCount,
          steps: evaluation.plan.batches(epoch: 0).count),
        epoch: state.epoch, step: state.globalStep))
    guard let record = EvaluationRecord.all(in: state.logHistory).last else { return false }
    let isBest = try judge(record)
    for callback in callbacks { callback.evaluated(record, samples: result.captions) }
    return isBest
  }

  /// Notes whether this is the best evaluation so far, and whether patience is at its end.
  private func judge(_ record: EvaluationRecord) throws -> Bool {
    guard let selection else { return false }
    guard let value = selection.value(in: record) else {
      // CIDEr, where all images but one have become unreadable since.
      logger.warning("this evaluation has no \(selection.metric), so it can't be the best")
      return false
    }
    let isBest = selection.isBetter(value, than: state.bestMetric)
    if isBest {
      state.bestMetric = value
      state.bestGlobalStep = state.globalStep
    }
    if var patience = try state.earlyStopping() {
      patience.patienceCounter = isBest ? 0 : patience.patienceCounter + 1
      state.setEarlyStopping(patience)
    }
    return isBest
  }
}
