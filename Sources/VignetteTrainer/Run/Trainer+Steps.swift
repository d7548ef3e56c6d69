import FoundationEssentials
import VignetteDatasets
import VignetteModels
import VignetteTensors

extension Trainer {
  /// Goes on with the epoch at hand, to its end or the run's.
  func runEpoch() throws {
    let batches = training.batches(epoch: position.epoch, from: position.batch)
    var endsEpoch = false
    while !endsEpoch, !isOver {
      let window = try nextWindow(batches)
      try runStep(window, epoch: Double(position.epoch) + Double(position.batch) / Double(batches.count))
      endsEpoch = position.batch == batches.count
      if endsEpoch {
        position.epoch += 1
        position.batch = 0
      }
      try afterStep(endsEpoch: endsEpoch || state.globalStep >= schedule.totalSteps)
    }
  }

  /// The batches of the next step; empty where no image of them could be read.
  private func nextWindow(_ batches: CaptionBatches.Epoch) throws -> [TrainingBatch] {
    var window: [TrainingBatch] = []
    var taken = 0
    while taken < arguments.gradientAccumulationSteps, let next = try batches.next() {
      taken += 1
      position.batch += 1
      if let batch = next { window.append(batch.training) }
    }
    return window
  }

  private func runStep(_ window: [TrainingBatch], epoch: Double) throws {
    let learningRate = arguments.learningRate(step: state.globalStep, in: schedule)
    var seeds = RandomGenerator(seed: arguments.seed ^ UInt64(state.globalStep) &* 0x9E37_79B9_7F4A_7C15)
    var result: StepResult?
    do {
      if !window.isEmpty { result = try step.run(window, learningRate: learningRate, seed: seeds.next()) }
    } catch let error as NonFiniteLossError {
      throw diverged(at: state.globalStep + 1, error.description)
    }
    state.globalStep += 1
    state.epoch = epoch
    guard let result else { return }
    position.add(loss: Double(result.loss))
    let captions = window.reduce(0) { $0 + $1.labels.rows.count }
    for callback in callbacks {
      callback.stepEnded(state, loss: Double(result.loss), learningRate: learningRate, captions: captions)
    }
    if state.globalStep % schedule.intervals.logging == 0 {
      log(
        .training(
          loss: position.takeMeanLoss(), gradientNorm: Double(result.gradientNorm),
          learningRate: learningRate, epoch: state.epoch, step: state.globalStep))
    }
  }

  private func afterStep(endsEpoch: Bool) throws {
    if endsEpoch, optimizer.stepCount == 0 {
      throw TrainingError.noReadableImages(training.skipped.count, training.dataset.split)
    }
    var isBest = false
    if isDue(arguments.evalStrategy, schedule.intervals.evaluation, endsEpoch)
      || arguments.evalStrategy == .steps && state.globalStep >= schedule.totalSteps
    {
      isBest = try evaluateOrSave()
    }
    if isDue(arguments.saveStrategy, schedule.intervals.saving, endsEpoch)
      || isBest && arguments.loadBestModelAtEnd
    {
      try save()
    } else if isOver {
      // Early stopping may end a run anywhere.
      try saveUnasked()
    }
    if !isOver, Task.isCancelled || callbacks.contains(where: \.wantsStop) { try stop() }
  }

  private func isDue(_ strategy: IntervalStrategy, _ steps: Int, _ endsEpoch: Bool) -> Bool {
    switch strategy {
    case .no: false
    case .steps: state.globalStep % steps == 0
    case .epoch: endsEpoch
    }
  }

  /// What was learned isn't lost with a measurement that fails.
  private func evaluateOrSave() throws -> Bool {
    do {
      return try evaluate()
    } catch {
      try saveUnasked()
      throw error
    }
  }

  private func stop() throws {
    try saveUnasked()
    throw TrainingError.stopped(step: state.globalStep, checkpoint: latestCheckpoint?.path)
  }

  /// Writes a checkpoint of this step, if there is none and the run has any.
  private func saveUnasked() throws {
    if arguments.saveStrategy != .no, store.steps.last != state.globalStep { try save() }
  }
}
