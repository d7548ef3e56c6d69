import Foundation

/// Curves over the epochs of a run, drawn as SVG.
///
/// Colours are the page's (`--series-1` …), so that the chart follows its light and dark.
struct LineChart: Sendable {
  struct Point: Sendable {
    let epoch: Double
    let step: Int
    let value: Double
  }

  struct Series: Sendable {
    let name: String
    let points: [Point]
    /// Draws each point, as for evaluations; else the line alone.
    let hasMarks: Bool
    let text: @Sendable (Double) -> String
  }

  let title: String
  let series: [Series]

  // In the units of the drawing, which is about as wide as it is shown.
  private static let width = 460.0
  private static let height = 250.0
  private static let (left, right, top, bottom) = (50.0, 12.0, 10.0, 34.0)
  private static let mostPoints = 200

  /// A chart of the series that have something to show; nil if none has.
  init?(title: String, series: [Series]) {
    self.title = title
    self.series = series.map { $0.drawable(atMost: Self.mostPoints) }.filter { !$0.points.isEmpty }
    if self.series.isEmpty { return nil }
  }

  /// The drawing, a document of its own.
  func svg() -> String {
    let points = series.flatMap(\.points)
    let values = points.map(\.value)
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    let x = ChartAxis(
      from: min(0, points.map(\.epoch).min() ?? 0), to: points.map(\.epoch).max() ?? 1, count: 6)
    let y = ChartAxis(from: least >= 0 && least < most / 2 ? 0 : least, to: most, count: 5)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.text(Self.width)) \(Self.text(Self.height))" \
      role="img" aria-label="\(HTML.escape(title))">
      \(Self.grid(x: x, y: y))
      \(series.enumerated().map { Self.curve($1, number: $0 + 1, x: x, y: y) }.joined(separator: "\n"))
      </svg>
      """
  }

  private static func grid(x: ChartAxis, y: ChartAxis) -> String {
    let bottomLine = height - bottom
    let levels = y.ticks.map { tick in
      let place = text(height(of: y.position(of: tick)))
      return """
        <line class="grid" x1="\(text(left))" x2="\(text(width - right))" y1="\(place)" y2="\(place)"/>\
        <text class="tick" x="\(text(left - 8))" y="\(place)" dy="0.35em" text-anchor="end">\(y.label(tick))</text>
        """
    }
    let marks = x.ticks.map { tick in
      let place = text(column(of: x.position(of: tick)))
      return """
        <line class="axis" x1="\(place)" x2="\(place)" y1="\(text(bottomLine))" y2="\(text(bottomLine + 4))"/>\
        <text class="tick" x="\(place)" y="\(text(bottomLine + 19))" text-anchor="middle">\(x.label(tick))</text>
        """
    }
    let axis =
      "<line class=\"axis\" x1=\"\(text(left))\" x2=\"\(text(width - right))\" y1=\"\(text(bottomLine))\" "
      + "y2=\"\(text(bottomLine))\"/>"
    return (levels + marks + [axis]).joined(separator: "\n")
  }

  private static func curve(_ series: Series, number: Int, x: ChartAxis, y: ChartAxis) -> String {
    let places = series.points.map { point in
      (text(column(of: x.position(of: point.epoch))), text(height(of: y.position(of: point.value))))
    }
    let line = places.map { "\($0),\($1)" }.joined(separator: " ")
    let marks = zip(series.points, places).map { point, place in
      """
      <g class="point"><circle class="mark" cx="\(place.0)" cy="\(place.1)" r="3.5"/>\
      <circle class="target" cx="\(place.0)" cy="\(place.1)" r="8"/>\
      <title>\(HTML.escape(series.name)): \(series.text(point.value))
      epoch \(EvaluationTable.epoch(point.epoch)), step \(point.step)</title></g>
      """
    }
    return """
      <g class="series\(series.hasMarks ? " marked" : "")\(number > 3 ? " over" : "")" style="--series: var(--series-\(number))">
      <polyline points="\(line)"/>
      \(marks.joined(separator: "\n"))
      </g>
      """
  }

  static func label(_ value: Double) -> String {
    value != 0 && abs(value) < 0.01
      ? String(format: "%.3g", value) : EvaluationTable.number(value, decimals: abs(value) < 10 ? 4 : 2)
  }

  private static func column(of position: Double) -> Double { left + position * (width - left - right) }

  private static func height(of position: Double) -> Double {
    height - bottom - position * (height - top - bottom)
  }

  private static func text(_ coordinate: Double) -> String { String(format: "%.5g", coordinate) }
}

extension LineChart.Series {
  /// The points that can be drawn, each the mean of as many as it takes to have no more than `count`.
  fileprivate func drawable(atMost count: Int) -> LineChart.Series {
    let finite = points.filter { $0.value.magnitude < 1e30 && $0.epoch.magnitude < 1e9 }
    let size = (finite.count + count - 1) / max(1, count)
    let means = stride(from: 0, to: finite.count, by: max(1, size)).map { start in
      let group = finite[start..<min(start + size, finite.count)]
      let last = group[group.endIndex - 1]
      let mean = group.reduce(0) { $0 + $1.value } / Double(group.count)
      return LineChart.Point(epoch: last.epoch, step: last.step, value: mean)
    }
    return LineChart.Series(name: name, points: means, hasMarks: hasMarks, text: text)
  }
}

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
