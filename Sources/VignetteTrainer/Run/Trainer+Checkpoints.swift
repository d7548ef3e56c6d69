import Logging
public import Foundation
import Vignette
public import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteModels

extension Trainer {
  func save() throws {
    try checkWeights()
    let url = store.folder(step: state.globalStep)
    if let best = state.bestGlobalStep, best == state.globalStep || store.steps.contains(best) {
      state.bestModelCheckpoint = store.folder(step: best).path
    }
    let folder = try AtomicFolder(at: url)
    try saveModel(to: folder.workingURL)
    try OptimizerState.save(optimizer, to: folder.workingURL)
    try position.save(to: folder.workingURL)
    try state.write(to: folder.workingURL.appendingPathComponent(TrainerState.fileName))
    try training.skipped.write(to: folder.workingURL.appendingPathComponent(SkippedImages.fileName))
    for callback in callbacks { try callback.save(to: folder.workingURL) }
    try folder.commit()
    try store.prune(
      limit: arguments.saveTotalLimit, sparing: state.globalStep,
      best: arguments.loadBestModelAtEnd ? state.bestGlobalStep : nil)
    for callback in callbacks { callback.saved(url) }
  }

  /// Weights that are no numbers would be found only in the next step.
  private func checkWeights() throws {
    guard let broken = model.parameters.first(where: { $0.isTrainable && !$0.isFinite }) else { return }
    throw diverged(
      at: state.globalStep,
      "\(broken.name) is no longer made of numbers; try a lower --learning-rate or more --warmup-steps")
  }

  /// Writes what `Captioner` and Transformers load: weights, configurations, tokenizer, image processor.
  ///
  /// - Throws: what the file system says; each file is whole, or as it was before.
  public func saveModel(to folder: URL, format: WeightsFormat = .safetensors) throws {
    try parts.save(to: folder, format: format)
  }

  private var skippedImages: URL { output.appendingPathComponent(SkippedImages.fileName) }

  /// Writes `skipped.jsonl` into the output folder, if there is anything to say.
  func saveSkippedImages() throws {
    let skipped = training.skipped.all + (evaluation?.skipped.all ?? [])
    if !skipped.isEmpty { try SkippedImages(skipped).write(to: skippedImages) }
  }

  /// Removes another run's list; a resumed run has its own from the checkpoint.
  func clearSkippedImages() throws {
    try AtomicFile.remove(skippedImages)
  }

  /// Takes over a checkpoint's place in the run, weights and optimiser.
  func resume(from checkpoint: URL) throws {
    let saved = try RunPosition(folder: checkpoint)
    if let difference = position.order.difference(from: saved.order) {
      throw TrainingError.checkpoint(
        path: checkpoint.path, problem: "was made with \(difference); going on needs the same")
    }
    guard saved.batch < training.plan.batches(epoch: saved.epoch).count else {
      throw TrainingError.checkpoint(
        path: checkpoint.path, problem: "is at batch \(saved.batch), and an epoch has fewer")
    }
    state = try TrainerState(contentsOf: checkpoint.appendingPathComponent(TrainerState.fileName))
    let changes = try position.changes(since: saved) + modelChanges(since: checkpoint)
    if !changes.isEmpty { logger.notice("going on with \(changes.joined(separator: ", "))") }
    let settings = position.settings
    position = saved
    position.settings = settings
    describeRun()
    if state.globalStep > schedule.totalSteps {
      logger.warning(
        "the checkpoint is at step \(state.globalStep), beyond the \(schedule.totalSteps) that were asked for"
      )
    }
    try loadWeights(from: checkpoint)
    try OptimizerState.load(into: optimizer, from: checkpoint)
    for image in try SkippedImages.read(checkpoint.appendingPathComponent(SkippedImages.fileName)) {
      training.skipped.record(image)
    }
    for callback in callbacks { try callback.restore(from: checkpoint) }
  }

  /// Where the model's configuration isn't the checkpoint's, as with another dropout.
  private func modelChanges(since checkpoint: URL) throws -> [String] {
    let saved = try JSONField(contentsOf: checkpoint.appendingPathComponent("config.json"))
    return try ["encoder", "decoder"].filter { part in
      try saved[part].optional(as: JSONValue.self) != parts.model.configuration.json[part].optional()
    }.map { "another configuration of the \($0)" }
  }

  func loadBestModel() throws {
    guard let best = state.bestGlobalStep, best != state.globalStep else { return }
    // A run that went on in another folder may have left its best checkpoint in the first.
    let folders =
      [store.folder(step: best)] + (state.bestModelCheckpoint.map { [URL(fileURLWithPath: $0)] } ?? [])
    guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else {
      logger.warning("\(folders[0].path) isn't there, so the result is the last model instead of the best")
      return
    }
    try loadWeights(from: folder)
    bestStep = best
  }

  private func loadWeights(from folder: URL) throws {
    let checkpoint = try CheckpointFolder(at: folder)
    for parameter in model.parameters {
      let stored = try checkpoint.tensor(named: parameter.name)
      guard stored.shape == parameter.shape else {
        throw TrainingError.checkpoint(
          path: folder.path, problem: "\(parameter.name) has shape \(stored.shape), not \(parameter.shape)")
      }
      guard parameter.isTrainable else { continue }
      parameter.update { stored.copy(into: $0) }
    }
  }
}
