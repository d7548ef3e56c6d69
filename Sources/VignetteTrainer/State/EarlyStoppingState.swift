import VignetteFiles

/// What early stopping keeps between runs: Hugging Face's `EarlyStoppingCallback`.
public struct EarlyStoppingState: Sendable, Hashable {
  static let callback = "EarlyStoppingCallback"

  /// Evaluations without improvement after which training stops.
  public var patience: Int
  /// By how much the metric must improve.
  public var threshold: Double
  /// Evaluations without improvement so far.
  public var patienceCounter: Int

  public init(patience: Int, threshold: Double = 0, patienceCounter: Int = 0) {
    self.patience = patience
    self.threshold = threshold
    self.patienceCounter = patienceCounter
  }
}

extension TrainerState {
  /// Early stopping's part of `statefulCallbacks`.
  ///
  /// Throws `JSONFieldError` if something of another shape stands there.
  public func earlyStopping() throws -> EarlyStoppingState? {
    let callbacks = JSONField(.object(statefulCallbacks), file: Self.fileName)
    let state = callbacks[EarlyStoppingState.callback]
    guard state.isPresent else { return nil }
    return EarlyStoppingState(
      patience: try state["args"]["early_stopping_patience"].value(),
      threshold: try state["args"]["early_stopping_threshold"].value(default: 0),
      patienceCounter: try state["attributes"]["early_stopping_patience_counter"].value(default: 0))
  }

  /// Keeps `state` among `statefulCallbacks`.
  public mutating func setEarlyStopping(_ state: EarlyStoppingState?) {
    statefulCallbacks[EarlyStoppingState.callback] = state.map {
      [
        "args": [
          "early_stopping_patience": .int($0.patience), "early_stopping_threshold": .double($0.threshold),
        ],
        "attributes": ["early_stopping_patience_counter": .int($0.patienceCounter)],
      ]
    }
  }
}
