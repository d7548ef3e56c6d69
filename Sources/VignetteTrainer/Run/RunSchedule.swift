import VignetteDatasets

/// How many steps a run has.
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

  /// - Parameter plan: the batches of an epoch; at least one.
  init(_ plan: BatchPlan, _ arguments: TrainingArguments) {
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
}
