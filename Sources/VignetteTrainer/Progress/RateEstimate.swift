import Foundation

/// How fast things get done lately: a mean in which what was done `memory` seconds ago counts 1/e.
struct RateEstimate: Sendable {
  private let memory: Double
  private var items = 0.0
  private var seconds = 0.0

  init(memory: Double = 30) { self.memory = memory }

  /// Things per second; nil before anything is known.
  var perSecond: Double? { seconds > 0 && items > 0 ? items / seconds : nil }

  /// Counts `count` things that took `duration` seconds.
  mutating func add(_ count: Int, duration: Double) {
    let remembered = exp(-max(0, duration) / memory)
    items = items * remembered + Double(count)
    seconds = seconds * remembered + max(0, duration)
  }
}
