import Foundation

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
