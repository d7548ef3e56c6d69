import VignetteFiles

/// A number of steps, or a share of all steps of a run, as Hugging Face reads `logging_steps`, `eval_steps`, `save_steps`
/// and `warmup_steps`: below 1, a number is a share.
///
/// ```swift
/// arguments.saveSteps = 500
/// arguments.warmupSteps = 0.1
/// ```
public struct StepCount: Sendable, Hashable, Codable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// Steps from 1 on, a share below.
  public let value: Double

  public init(_ value: Double) { self.value = value }

  public init(integerLiteral value: Int) { self.init(Double(value)) }

  public init(floatLiteral value: Double) { self.init(value) }

  /// The number of steps in a run of `totalSteps`. A share is rounded up.
  public func steps(of totalSteps: Int) -> Int {
    value < 1 ? Int((Double(totalSteps) * value).rounded(.up)) : Int(value)
  }

  // As a number.
  public init(from decoder: any Decoder) throws {
    self.init(try decoder.singleValueContainer().decode(Double.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let whole { try container.encode(whole) } else { try container.encode(value) }
  }

  private var whole: Int? { Int(exactly: value) }
}

extension StepCount: OptionValue {
  package init?(optionText: String) {
    guard let value = Double(optionText) else { return nil }
    self.init(value)
  }

  package var optionText: String { whole.map { "\($0)" } ?? "\(value)" }

  package static var expectation: String { "a number" }
}

extension OptionRequirement<StepCount> {
  // Beyond lie mistakes, and what doesn't fit into a number of steps.
  private static let most = 1e12

  /// Of steps between two events.
  static var interval: Self {
    Self("be a whole number from 1 on, or a share of all steps between 0 and 1") {
      $0.value > 0 && isCountOrShare($0)
    }
  }

  /// As ``interval``, or 0.
  static var intervalOrZero: Self {
    Self("be 0, a whole number, or a share of all steps below 1") { $0.value >= 0 && isCountOrShare($0) }
  }

  private static func isCountOrShare(_ count: StepCount) -> Bool {
    count.value < 1 || count.value <= most && count.value == count.value.rounded()
  }
}

/// When things happen in a run whose number of steps is known.
package struct StepIntervals: Sendable, Equatable {
  package let logging: Int
  package let evaluation: Int
  package let saving: Int
  /// Steps in which the learning rate rises.
  package let warmup: Int

  package init(_ arguments: TrainingArguments, of totalSteps: Int) {
    logging = arguments.loggingSteps.steps(of: totalSteps)
    evaluation = arguments.evalSteps.value > 0 ? arguments.evalSteps.steps(of: totalSteps) : logging
    saving = arguments.saveSteps.steps(of: totalSteps)
    let share = StepCount(arguments.warmupRatio)
    warmup = (arguments.warmupSteps.value > 0 ? arguments.warmupSteps : share).steps(of: totalSteps)
  }
}
