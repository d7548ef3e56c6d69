import Foundation

/// How the learning rate changes over a run: Hugging Face's `lr_scheduler_type`.
public enum SchedulerType: String, Sendable, CaseIterable, Codable {
  /// Down to zero in a straight line.
  case linear
  /// Down to zero along half a cosine wave.
  case cosine
  /// The same throughout, without warm-up.
  case constant
  /// The same throughout, after the warm-up.
  case constantWithWarmup = "constant_with_warmup"

  /// What the learning rate is multiplied by in a step, counted from 0.
  public func factor(step: Int, warmupSteps: Int, totalSteps: Int) -> Double {
    if self == .constant { return 1 }
    if step < warmupSteps { return Double(step) / Double(max(1, warmupSteps)) }
    let rest = Double(max(1, totalSteps - warmupSteps))
    switch self {
    case .linear: return max(0, Double(totalSteps - step) / rest)
    case .cosine: return max(0, 0.5 * (1 + cos(Double.pi * Double(step - warmupSteps) / rest)))
    case .constant, .constantWithWarmup: return 1
    }
  }
}
