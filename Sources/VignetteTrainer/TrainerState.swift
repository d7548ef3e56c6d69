public import Foundation
public import VignetteFiles

/// Where a run stands: Hugging Face's `trainer_state.json`.
///
/// What is written equals, byte for byte, what Transformers 5.23's `TrainerState.save_to_json` writes for the
/// same state in the course of a run.
public struct TrainerState: Sendable, Hashable {
  public static let fileName = "trainer_state.json"

  /// How many times the data was seen, in parts.
  public var epoch = 0.0
  /// Optimizer steps done.
  public var globalStep = 0
  /// Optimizer steps of the whole run.
  public var maxSteps = 0
  public var loggingSteps = 500
  public var evalSteps = 500
  public var saveSteps = 500
  public var trainBatchSize: Int?
  public var numTrainEpochs = 0
  /// Zero unless the tokens are counted.
  public var numInputTokensSeen = 0
  /// Floating-point operations done.
  public var totalFlos = 0.0
  public var logHistory: [LogEntry] = []
  /// The best value so far of the metric that chooses the best model.
  public var bestMetric: Double?
  /// The step after which `bestMetric` was measured.
  public var bestGlobalStep: Int?
  /// The folder of the best checkpoint.
  public var bestModelCheckpoint: String?
  /// What callbacks keep between runs, by their class in Transformers.
  public var statefulCallbacks = JSONObject()
  public var isLocalProcessZero = true
  public var isWorldProcessZero = true
  public var isHyperParamSearch = false
  public var trialName: String?
  public var trialParams: JSONObject?

  public init() {}

  /// Reads the file at `url`. A key that isn't there, as in files of older versions, has its default.
  ///
  /// - Throws: `JSONError`, which names the file and the field; `FileError` or `SystemError`.
  public init(contentsOf url: URL) throws {
    try self.init(JSONField(contentsOf: url))
  }

  /// Writes the file at `url`, all or nothing.
  ///
  /// - Throws: `SystemError`.
  public func write(to url: URL) throws {
    try JSONValue.object(json).write(to: url, .config)
  }
}

extension TrainerState {
  init(_ field: JSONField) throws {
    epoch = try field["epoch"].value(default: epoch)
    globalStep = try field["global_step"].count(default: globalStep)
    maxSteps = try field["max_steps"].count(default: maxSteps)
    loggingSteps = try field["logging_steps"].count(default: loggingSteps)
    evalSteps = try field["eval_steps"].count(default: evalSteps)
    saveSteps = try field["save_steps"].count(default: saveSteps)
    trainBatchSize = try field["train_batch_size"].optional()
    numTrainEpochs = try field["num_train_epochs"].count(default: numTrainEpochs)
    numInputTokensSeen = try field["num_input_tokens_seen"].count(default: numInputTokensSeen)
    totalFlos = try field["total_flos"].value(default: totalFlos)
    if field["log_history"].isPresent {
      logHistory = try field["log_history"].elements().map { LogEntry(try $0.value()) }
    }
    bestMetric = try field["best_metric"].optional()
    bestGlobalStep = try field["best_global_step"].optional()
    bestModelCheckpoint = try field["best_model_checkpoint"].optional()
    statefulCallbacks = try field["stateful_callbacks"].value(default: statefulCallbacks)
    isLocalProcessZero = try field["is_local_process_zero"].value(default: isLocalProcessZero)
    isWorldProcessZero = try field["is_world_process_zero"].value(default: isWorldProcessZero)
    isHyperParamSearch = try field["is_hyper_param_search"].value(default: isHyperParamSearch)
    trialName = try field["trial_name"].optional()
    trialParams = try field["trial_params"].optional()
  }

  var json: JSONObject {
    JSONObject([
      ("best_global_step", bestGlobalStep.map(JSONValue.int) ?? .null),
      ("best_metric", bestMetric.map(JSONValue.double) ?? .null),
      ("best_model_checkpoint", bestModelCheckpoint.map(JSONValue.string) ?? .null),
      ("epoch", .double(epoch)),
      ("eval_steps", .int(evalSteps)),
      ("global_step", .int(globalStep)),
      ("is_hyper_param_search", .bool(isHyperParamSearch)),
      ("is_local_process_zero", .bool(isLocalProcessZero)),
      ("is_world_process_zero", .bool(isWorldProcessZero)),
      ("log_history", .array(logHistory.map { .object($0.values) })),
      ("logging_steps", .int(loggingSteps)),
      ("max_steps", .int(maxSteps)),
      ("num_input_tokens_seen", .int(numInputTokensSeen)),
      ("num_train_epochs", .int(numTrainEpochs)),
      ("save_steps", .int(saveSteps)),
      ("stateful_callbacks", .object(statefulCallbacks)),
      ("total_flos", .double(totalFlos)),
      ("train_batch_size", trainBatchSize.map(JSONValue.int) ?? .null),
      ("trial_name", trialName.map(JSONValue.string) ?? .null),
      ("trial_params", trialParams.map(JSONValue.object) ?? .null),
    ])
  }
}

extension JSONField {
  /// A count, which older versions of Transformers sometimes wrote with a fraction of zero.
  ///
  /// - Parameter fallback: the count where there is none; without, it must be there.
  fileprivate func count(default fallback: Int? = nil) throws -> Int {
    guard let number: Double = try fallback == nil ? value() : optional() else { return fallback ?? 0 }
    guard let count = Int(exactly: number), (0..<1 << 53).contains(count) else {
      throw mismatch(expected: "an integer that is not negative")
    }
    return count
  }
}

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
  /// - Throws: `JSONError` if something of another shape stands there.
  public func earlyStopping() throws -> EarlyStoppingState? {
    let callbacks = JSONField(.object(statefulCallbacks), file: Self.fileName)
    let state = callbacks[EarlyStoppingState.callback]
    guard state.isPresent else { return nil }
    return EarlyStoppingState(
      patience: try state["args"]["early_stopping_patience"].count(),
      threshold: try state["args"]["early_stopping_threshold"].value(default: 0),
      patienceCounter: try state["attributes"]["early_stopping_patience_counter"].count(default: 0))
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

  /// Whether early stopping's patience is at its end.
  var shouldStop: Bool {
    guard let patience = try? earlyStopping() else { return false }
    return patience.patienceCounter >= patience.patience
  }

  /// Takes in what the metric that tells the best model came to in an evaluation of this step.
  mutating func note(_ value: Double, isBest: Bool) throws {
    if isBest {
      bestMetric = value
      bestGlobalStep = globalStep
    }
    if var patience = try earlyStopping() {
      patience.patienceCounter = isBest ? 0 : patience.patienceCounter + 1
      setEarlyStopping(patience)
    }
  }

  /// Puts into the state what the arguments say of the run.
  mutating func describe(_ arguments: TrainingArguments, _ schedule: RunSchedule) {
    maxSteps = schedule.totalSteps
    numTrainEpochs = schedule.epochs
    loggingSteps = schedule.intervals.logging
    if arguments.evalStrategy == .steps || arguments.evalSteps.value > 0 {
      evalSteps = schedule.intervals.evaluation
    }
    saveSteps = schedule.intervals.saving
    trainBatchSize = arguments.perDeviceTrainBatchSize
    let counter = (try? earlyStopping())?.patienceCounter ?? 0
    setEarlyStopping(
      arguments.earlyStoppingPatience > 0
        ? EarlyStoppingState(patience: arguments.earlyStoppingPatience, patienceCounter: counter) : nil)
  }
}
