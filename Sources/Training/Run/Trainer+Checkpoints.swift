import Checkpoints
import Datasets
import Foundation
import Models
import Vignette

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
    guard FileManager.default.fileExists(atPath: skippedImages.path) else { return }
    try FileManager.default.removeItem(at: skippedImages)
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
    let changes = position.changes(since: saved)
    if !changes.isEmpty { logger.notice("going on with \(changes.joined(separator: ", "))") }
    let settings = position.settings
    position = saved
    position.settings = settings
    describeRun()
    try loadWeights(from: checkpoint)
    try OptimizerState.load(into: optimizer, from: checkpoint)
    for image in try SkippedImages.read(checkpoint.appendingPathComponent(SkippedImages.fileName)) {
      training.skipped.record(image)
    }
    for callback in callbacks { try callback.restore(from: checkpoint) }
  }

  func loadBestModel() throws {
    guard let best = state.bestGlobalStep, best != state.globalStep else { return }
    let folder = store.folder(step: best)
    guard FileManager.default.fileExists(atPath: folder.path) else {
      logger.warning("\(folder.path) is gone, so the result is the last model instead of the best")
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
