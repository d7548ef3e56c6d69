public import Foundation
import VignetteCheckpoints
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
  /// Throws `JSONSyntaxError` or `JSONFieldError`, which name the file and the place in it.
  public init(contentsOf url: URL) throws {
    try self.init(JSONField(contentsOf: url))
  }

  /// Writes the file at `url`, all or nothing.
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
  fileprivate func count(default fallback: Int) throws -> Int {
    guard let number: Double = try optional() else { return fallback }
    guard let count = Int(exactly: number), count >= 0 else {
      throw mismatch(expected: "an integer that is not negative")
    }
    return count
  }
}
