import VignetteEvaluation
import VignetteFiles
import VignetteMetrics

/// What tells the best model of a run: Hugging Face's `metric_for_best_model`. More is better, but for the loss and for
/// the character error rate, which is measured where it is asked for here.
struct ModelSelection {
  /// The metric's key in the log, without `eval_`.
  let metric: String

  private static let loss = "loss"
  private static let setting: Setting = "metric_for_best_model"

  /// - Returns: nil where nothing depends on which model is best.
  /// - Parameters:
  ///   - images: those of an evaluation; nil without one.
  ///   - more: the metrics of models that score captions by their images.
  /// - Throws: `SettingError`.
  init?(_ arguments: TrainingArguments, evaluatedImages images: Int?, also more: [String] = []) throws {
    let asked = arguments.metricForBestModel
    guard !asked.isEmpty || arguments.loadBestModelAtEnd || arguments.earlyStoppingPatience > 0 else {
      return nil
    }
    let name = asked.hasPrefix("eval_") ? String(asked.dropFirst("eval_".count)) : asked
    let known = [Self.loss] + CaptionScorer.scoreNames + more
    guard let metric = name.isEmpty ? Self.loss : known.first(where: { $0.lowercased() == name.lowercased() })
    else {
      throw SettingError(
        Self.setting, "is \(asked), but evaluation gives \(known.joined(separator: ", "))")
    }
    guard metric == Self.loss || arguments.predictWithGenerate else {
      throw SettingError(Self.setting, "is \(metric), which needs \(Setting("predict_with_generate"))")
    }
    // CIDEr weighs images against each other.
    if metric == "CIDEr", let images, images < 2 {
      throw SettingError(Self.setting, "is \(metric), which one image alone doesn't have")
    }
    self.metric = metric
  }

  /// The metric's value in an evaluation; nil where it wasn't measured.
  func value(in record: EvaluationRecord) -> Double? {
    metric == Self.loss ? record.validationLoss : record.metrics.first { $0.key == metric }?.value
  }

  /// Whether a value is better than the best so far.
  func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return true }
    return Self.lessIsBetter(metric) ? value < best : value > best
  }

  /// - Parameter metric: its name with or without `eval_`, or nothing for the loss.
  static func lessIsBetter(_ metric: String) -> Bool {
    metric.isEmpty || metric.hasSuffix(loss) || isCharacterErrors(metric)
  }

  /// Whether a metric's name, with or without `eval_`, is the character error rate's.
  static func isCharacterErrors(_ metric: String) -> Bool {
    ["cer", "eval_cer"].contains(metric.lowercased())
  }
}
