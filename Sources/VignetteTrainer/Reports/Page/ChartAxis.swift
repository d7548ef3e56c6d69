import Foundation

/// An axis that ends at round numbers.
struct ChartAxis: Sendable {
  let lower: Double
  let upper: Double
  let step: Double

  /// An axis for values from `least` to `most`, which are finite, with about `count` intervals.
  init(from least: Double, to most: Double, count: Int) {
    let middle = max(abs(least), abs(most))
    let isFlat = most - least <= 1e-9 * middle
    // Around a value that never changes there is a tenth of it; above one that is always zero, a whole.
    let margin = 0.1 * middle
    let (least, most) =
      isFlat ? (least - margin, middle == 0 ? 1 : most + margin) : (least, most)
    step = Self.round((most - least) / Double(count))
    lower = (least / step + 1e-9).rounded(.down) * step
    upper = (most / step - 1e-9).rounded(.up) * step
  }

  var ticks: [Double] {
    let count = Int(((upper - lower) / step).rounded())
    // Adding zero turns -0 into 0.
    return (0...max(1, count)).map { lower + Double($0) * step + 0 }
  }

  /// Where `value` stands, from 0 to 1.
  func position(of value: Double) -> Double { (value - lower) / (upper - lower) }

  func label(_ tick: Double) -> String { String(format: "%g", abs(tick) < step / 2 ? 0 : tick) }

  // The next of 1, 2, 2.5, 5, 10 times a power of ten.
  private static func round(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    return ([1, 2, 2.5, 5].first { step <= $0 * power * (1 + 1e-9) } ?? 10) * power
  }
}
