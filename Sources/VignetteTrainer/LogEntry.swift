import Foundation
package import VignetteEvaluation
public import VignetteFiles

/// One entry of a run's log: named numbers in their order, as Hugging Face's `log_history` holds them.
///
/// Training steps log `loss`, `grad_norm` and `learning_rate`; evaluations log names that begin with `eval_`;
/// the end of a run logs `train_runtime`, `train_loss` and their like. `epoch` and `step` come last in each.
public struct LogEntry: Sendable, Hashable {
  public private(set) var values: JSONObject

  public init(_ values: JSONObject) { self.values = values }

  /// An entry of `values` at `epoch` and `step`.
  public init(_ values: some Sequence<(String, Double)>, epoch: Double, step: Int) {
    self.values = JSONObject(values.map { ($0, .double($1)) })
    self.values["epoch"] = .double(epoch)
    self.values["step"] = .int(step)
  }

  /// What a training step logs; `gradientNorm` is the norm before clipping.
  public static func training(
    loss: Double, gradientNorm: Double?, learningRate: Double, epoch: Double, step: Int
  ) -> LogEntry {
    let norm = gradientNorm.map { [("grad_norm", $0)] } ?? []
    return LogEntry(
      [("loss", loss)] + norm + [("learning_rate", learningRate)], epoch: epoch, step: step)
  }

  /// What an evaluation logs: `metrics`, named without their prefix, and how long it took.
  ///
  /// - Parameter speed: of the evaluation; its steps are batches.
  public static func evaluation(
    loss: Double, metrics: some Sequence<(String, Double)>, speed: Speed, epoch: Double, step: Int
  ) -> LogEntry {
    let named = [("eval_loss", loss)] + metrics.map { ("eval_\($0)", $1) }
    return LogEntry(named + speed.values(prefix: "eval"), epoch: epoch, step: step)
  }

  /// What the end of a run logs; `loss` is the mean over its steps.
  public static func end(loss: Double, totalFlos: Double, speed: Speed, epoch: Double, step: Int) -> LogEntry
  {
    LogEntry(
      speed.values(prefix: "train") + [("total_flos", totalFlos), ("train_loss", loss)], epoch: epoch,
      step: step)
  }

  /// The number called `name`, if there is one.
  public subscript(name: String) -> Double? {
    switch values[name] {
    case .double(let value): value
    case .int(let value): Double(value)
    case .largeInteger(let digits): Double(digits)
    default: nil
    }
  }

  /// How many optimizer steps were done.
  public var step: Int {
    if case .int(let step) = values["step"] { step } else { 0 }
  }

  /// How many times the data was seen, in parts.
  public var epoch: Double { self["epoch"] ?? 0 }

  /// Whether an evaluation logged it.
  public var isEvaluation: Bool { values.keys.contains { $0.hasPrefix(Self.evaluation) } }

  /// What an evaluation measured, the loss too; not how long it took.
  package var measured: [Metric] {
    values.keys.compactMap { name in
      guard name.hasPrefix(Self.evaluation), let value = self[name] else { return nil }
      let key = String(name.dropFirst(Self.evaluation.count))
      return Self.timings.contains(key) ? nil : Metric(key, value)
    }
  }

  private static let evaluation = "eval_"
  private static let timings = ["runtime", "samples_per_second", "steps_per_second"]
}

/// How long a part of a run took, rounded as Hugging Face's `speed_metrics` rounds it.
public struct Speed: Sendable, Hashable {
  /// In seconds.
  public var runtime: Double
  public var samples: Int
  public var steps: Int

  public init(runtime: Double, samples: Int, steps: Int) {
    self.runtime = runtime
    self.samples = samples
    self.steps = steps
  }

  /// `<prefix>_runtime`, `<prefix>_samples_per_second` and `<prefix>_steps_per_second`.
  func values(prefix: String) -> [(String, Double)] {
    let seconds = ("\(prefix)_runtime", Self.round(runtime, places: 4))
    guard runtime > 0 else { return [seconds] }
    return [
      seconds,
      ("\(prefix)_samples_per_second", Self.round(Double(samples) / runtime, places: 3)),
      ("\(prefix)_steps_per_second", Self.round(Double(steps) / runtime, places: 3)),
    ]
  }

  // Python's round: the nearest decimal of the exact value, which scaling by a power of ten would miss.
  private static func round(_ value: Double, places: Int) -> Double {
    Double(String(format: "%.\(places)f", value)) ?? value
  }
}
