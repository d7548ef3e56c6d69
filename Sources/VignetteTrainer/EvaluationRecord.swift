public import VignetteEvaluation

/// One evaluation of a run: a row of the table that Trainer prints.
public struct EvaluationRecord: Sendable, Hashable {
  public var epoch: Double
  public var step: Int
  /// The last training loss logged before.
  public var trainingLoss: Double?
  public var validationLoss: Double?
  public var metrics: [Metric]

  public init(epoch: Double, step: Int, trainingLoss: Double?, validationLoss: Double?, metrics: [Metric]) {
    self.epoch = epoch
    self.step = step
    self.trainingLoss = trainingLoss
    self.validationLoss = validationLoss
    self.metrics = metrics
  }

  /// The evaluations in a run's log.
  public static func all(in history: [LogEntry]) -> [EvaluationRecord] {
    var trainingLoss: Double?
    var records: [EvaluationRecord] = []
    for entry in history {
      if let loss = entry["loss"] { trainingLoss = loss }
      if entry.isEvaluation { records.append(EvaluationRecord(entry, trainingLoss: trainingLoss)) }
    }
    return records
  }

  /// The record of what an evaluation logged.
  public init(_ entry: LogEntry, trainingLoss: Double?) {
    let metrics = entry.measured.filter { $0.key != "loss" && !Metric.healthKeys.contains($0.key) }
    self.init(
      epoch: entry.epoch, step: entry.step, trainingLoss: trainingLoss, validationLoss: entry["eval_loss"],
      metrics: Metric.ordered(metrics))
  }
}
