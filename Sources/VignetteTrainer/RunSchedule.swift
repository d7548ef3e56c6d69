import VignetteDatasets

/// When something is done during training: Hugging Face's interval strategies.
public enum IntervalStrategy: String, Sendable, CaseIterable, Codable {
  /// Never.
  case no
  /// After every so many steps.
  case steps
  /// At the end of each epoch.
  case epoch

  /// Whether it is done after `step` steps.
  func isDue(after step: Int, every steps: Int, endsEpoch: Bool) -> Bool {
    switch self {
    case .no: false
    case .steps: step % steps == 0
    case .epoch: endsEpoch
    }
  }
}

/// How many steps a run has, and what is due after which.
///
/// A step is a window of batches. One of which no image can be read is a step too, though it changes nothing: so
/// bad images move neither the ends of epochs nor that of the learning rate.
struct RunSchedule {
  /// Steps of the whole run.
  let totalSteps: Int
  /// Epochs begun in the whole run, as `trainer_state.json` has them.
  let epochs: Int
  /// When the run logs, evaluates and saves.
  let intervals: StepIntervals
  private let arguments: TrainingArguments

  /// - Parameter plan: the batches of an epoch; at least one.
  init(_ plan: BatchPlan, _ arguments: TrainingArguments) {
    self.arguments = arguments
    let steps = { Self.steps(of: plan, epoch: $0, accumulation: arguments.gradientAccumulationSteps) }
    if arguments.maxSteps > 0 {
      totalSteps = arguments.maxSteps
      let first = steps(0)
      epochs = totalSteps / first + (totalSteps % first > 0 ? 1 : 0)
    } else {
      epochs = max(1, Int(arguments.numTrainEpochs.rounded(.up)))
      let rest = arguments.numTrainEpochs - Double(epochs - 1)
      totalSteps =
        (0..<epochs - 1).reduce(0) { $0 + steps($1) }
        + Int((Double(steps(epochs - 1)) * rest).rounded(.up))
    }
    intervals = StepIntervals(arguments, of: totalSteps)
  }

  private static func steps(of plan: BatchPlan, epoch: Int, accumulation: Int) -> Int {
    max(1, (plan.batches(epoch: epoch).count + accumulation - 1) / accumulation)
  }

  /// The learning rate of a step, counted from 0.
  func learningRate(step: Int) -> Double { arguments.learningRate(step: step, in: self) }

  /// Whether the log gets an entry after `step` steps.
  func isLogDue(after step: Int) -> Bool {
    step % intervals.logging == 0 || step == 1 && arguments.loggingFirstStep
  }

  /// Whether the model is evaluated after `step` steps; after the last one always, where it is after steps.
  func isEvaluationDue(after step: Int, endsEpoch: Bool) -> Bool {
    arguments.evalStrategy.isDue(
      after: step, every: intervals.evaluation, endsEpoch: endsEpoch)
      || arguments.evalStrategy == .steps && step >= totalSteps
  }

  /// Whether a checkpoint is written after `step` steps.
  func isCheckpointDue(after step: Int, endsEpoch: Bool) -> Bool {
    arguments.saveStrategy.isDue(after: step, every: intervals.saving, endsEpoch: endsEpoch)
  }
}
