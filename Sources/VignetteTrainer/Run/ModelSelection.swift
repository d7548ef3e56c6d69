import VignetteMetrics

/// What tells the best model of a run: Hugging Face's `metric_for_best_model`. More is better, but for the loss.
struct ModelSelection {
  /// The metric's key in the log, without `eval_`.
  let metric: String

  private static let loss = "loss"

  /// - Returns: nil where nothing depends on which model is best.
  /// - Throws: ``TrainingError/unknownMetric(_:known:)``, ``TrainingError/argument(_:_:)``.
  init?(_ arguments: TrainingArguments) throws {
    let asked = arguments.metricForBestModel
    guard !asked.isEmpty || arguments.loadBestModelAtEnd || arguments.earlyStoppingPatience > 0 else {
      return nil
    }
    let name = asked.hasPrefix("eval_") ? String(asked.dropFirst("eval_".count)) : asked
    let known = [Self.loss] + CaptionScorer.scoreNames
    guard let metric = name.isEmpty ? Self.loss : known.first(where: { $0.lowercased() == name.lowercased() })
    else {
      throw TrainingError.unknownMetric(asked, known: known)
    }
    guard metric == Self.loss || arguments.predictWithGenerate else {
      throw TrainingError.argument("--metric-for-best-model", "\(metric) needs --predict-with-generate")
    }
    self.metric = metric
  }

  /// Whether the metric weighs images against each other.
  var needsTwoImages: Bool { metric == "CIDEr" }

  /// The metric's value in an evaluation; nil where it wasn't measured.
  func value(in record: EvaluationRecord) -> Double? {
    metric == Self.loss ? record.validationLoss : record.metrics.first { $0.key == metric }?.value
  }

  /// Whether a value is better than the best so far.
  func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return true }
    return metric == Self.loss ? value < best : value > best
  }
}
