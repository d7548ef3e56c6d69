import Checkpoints

/// What the training loop is about to do, as Hugging Face's `TrainerControl` keeps it in a checkpoint.
public struct TrainerControl: Sendable, Hashable {
  static let callback = "TrainerControl"

  public var shouldEpochStop = false
  public var shouldEvaluate = false
  public var shouldLog = false
  public var shouldSave = false
  public var shouldTrainingStop = false

  public init() {}
}

extension TrainerState {
  /// Keeps `control` among `statefulCallbacks`.
  public mutating func setControl(_ control: TrainerControl) {
    statefulCallbacks[TrainerControl.callback] = [
      "args": [
        "should_epoch_stop": .bool(control.shouldEpochStop),
        "should_evaluate": .bool(control.shouldEvaluate),
        "should_log": .bool(control.shouldLog),
        "should_save": .bool(control.shouldSave),
        "should_training_stop": .bool(control.shouldTrainingStop),
      ],
      "attributes": [:],
    ]
  }
}
