#if Network
  import Metrics
  import Synchronization

  /// Keeps swift-metrics' measures, and writes them as Prometheus reads them (text format 0.0.4).
  final class PrometheusRegistry: MetricsFactory {
    private enum Kind: String { case counter, gauge, histogram }

    private struct Family {
      let kind: Kind
      var series: [(labels: [(String, String)], series: MeasuredSeries)] = []
    }

    private let families = Mutex<[String: Family]>([:])
    /// What each name measures.
    private let help: [String: String]
    /// The upper bounds of histograms that don't measure seconds.
    private let buckets: [String: [Double]]

    /// Of seconds.
    private static let seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

    init(help: [String: String], buckets: [String: [Double]] = [:]) {
      self.help = help
      self.buckets = buckets
    }

    private func series(
      _ name: String, _ dimensions: [(String, String)], _ kind: Kind
    ) -> MeasuredSeries {
      families.withLock { families in
        let found = families[name, default: Family(kind: kind)].series.first { known in
          known.labels.elementsEqual(dimensions) { $0 == $1 }
        }
        if let found { return found.series }
        let series = MeasuredSeries(bounds: kind == .histogram ? buckets[name] ?? Self.seconds : [])
        families[name, default: Family(kind: kind)].series.append((dimensions, series))
        return series
      }
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
      series(label, dimensions, .counter)
    }

    func makeFloatingPointCounter(
      label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
      series(label, dimensions, .counter)
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
      series(label, dimensions, .gauge)
    }

    func makeRecorder(
      label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
      series(label, dimensions, aggregate ? .histogram : .gauge)
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
      series(label, dimensions, .histogram)
    }

    // A measure that is given up stays as it was, as Prometheus wants it.
    func destroyCounter(_: any CounterHandler) {}
    func destroyFloatingPointCounter(_: any FloatingPointCounterHandler) {}
    func destroyMeter(_: any MeterHandler) {}
    func destroyRecorder(_: any RecorderHandler) {}
    func destroyTimer(_: any TimerHandler) {}

    /// All measures.
    func text() -> String {
      let families = families.withLock { $0 }
      return families.sorted { $0.key < $1.key }.map { name, family in
        var lines = [
          "# HELP \(name) \(help[name] ?? name)", "# TYPE \(name) \(family.kind.rawValue)",
        ]
        for (labels, series) in family.series {
          lines += series.lines(name, labels, isHistogram: family.kind == .histogram)
        }
        return lines.joined(separator: "\n") + "\n"
      }.joined()
    }
  }

  /// A number, or the distribution of many.
  final class MeasuredSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler,
    TimerHandler
  {
    private struct State {
      var value = 0.0
      var count = 0
      /// For each bound, how many were no greater and greater than the bound before.
      var counts: [Int]
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
      self.bounds = bounds
      state = Mutex(State(counts: bounds.map { _ in 0 }))
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { state.withLock { $0.value += amount } }
    func decrement(by amount: Double) { increment(by: -amount) }
    func reset() { state.withLock { $0.value = 0 } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Double) {
      guard !bounds.isEmpty else { return set(value) }
      let index = bounds.firstIndex { value <= $0 }
      state.withLock { state in
        state.value += value
        state.count += 1
        if let index { state.counts[index] += 1 }
      }
    }

    fileprivate func lines(
      _ name: String, _ labels: [(String, String)], isHistogram: Bool
    ) -> [String] {
      let (value, count, counts) = state.withLock { ($0.value, $0.count, $0.counts) }
      guard isHistogram else { return ["\(name)\(Self.text(labels)) \(Self.text(value))"] }
      var (lines, sum): ([String], Int) = ([], 0)
      for (bound, count) in zip(bounds, counts) {
        sum += count
        lines.append("\(name)_bucket\(Self.text(labels + [("le", Self.text(bound))])) \(sum)")
      }
      return lines + [
        "\(name)_bucket\(Self.text(labels + [("le", "+Inf")])) \(count)",
        "\(name)_sum\(Self.text(labels)) \(Self.text(value))", "\(name)_count\(Self.text(labels)) \(count)",
      ]
    }

    private static func text(_ value: Double) -> String {
      value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    private static func text(_ labels: [(String, String)]) -> String {
      guard !labels.isEmpty else { return "" }
      let texts = labels.map { name, value in
        let value = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing(
          "\n", with: "\\n")
        return "\(name)=\"\(value)\""
      }
      return "{\(texts.joined(separator: ","))}"
    }
  }
#endif
