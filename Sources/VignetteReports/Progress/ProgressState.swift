import Foundation
import VignetteFiles

/// How far something is: what a progress bar shows.
public struct ProgressState: Sendable, Hashable {
  /// A value beside the bar: "loss 2.310".
  public struct Field: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }

    /// A number in four digits that matter.
    public init(_ name: String, _ value: Double) {
      self.init(name, String(format: "%.4g", value))
    }
  }

  public var title: String
  public var completed: Int
  /// Nil where the end isn't known.
  public var total: Int?
  public var unit: ProgressUnit
  /// Seconds since the start.
  public var elapsed: Double
  /// Things per second lately.
  public var rate: Double?
  public var fields: [Field]

  public init(
    title: String, completed: Int = 0, total: Int? = nil, unit: ProgressUnit, elapsed: Double = 0,
    rate: Double? = nil,
    fields: [Field] = []
  ) {
    self.title = title
    self.completed = completed
    self.total = total
    self.unit = unit
    self.elapsed = elapsed
    self.rate = rate
    self.fields = fields
  }

  /// The seconds that the rest will take; nil where that can't be told.
  public var timeLeft: Double? {
    guard let total, let rate, rate > 0, completed < total else { return nil }
    return Double(total - completed) / rate
  }

  /// The part that is done, from 0 to 1; nil where the end isn't known.
  public var fraction: Double? {
    total.map { $0 > 0 ? min(1, max(0, Double(completed) / Double($0))) : 1 }
  }
}

extension ProgressState {
  /// The bar for a terminal of `width` columns, which it never fills to the last.
  ///
  ///     Training  42% ━━━━━━━━━╸──────────── 126/300  00:21 < 00:29  loss 2.310  lr 4.2e-05  5.9 steps/s
  ///
  /// Where the space is narrow the bar shrinks, then what stands at the end goes first.
  public func line(width: Int, style: ProgressStyle = .plain) -> String {
    let columns = max(0, width - 1)
    let left = [title, percentage].compactMap(\.self).joined(separator: " ")
    var right = parts
    let leastBar = fraction == nil ? 0 : Self.leastBarWidth + 1
    func space() -> Int { columns - left.count - right.reduce(0) { $0 + $1.count + 2 } + 1 }
    while right.count > 1 && space() < leastBar { right.removeLast() }

    let rest = right.joined(separator: "  ")
    guard let fraction, space() >= leastBar else { return String("\(left) \(rest)".prefix(columns)) }
    let bar = Self.bar(fraction, width: min(space() - 1, Self.mostBarWidth), style: style)
    return "\(left) \(bar) \(rest)"
  }

  /// The same as a sentence, for a log.
  ///
  ///     Training: 126/300 (42%), 00:21 elapsed, 00:29 left, loss 2.310, 5.9 steps/s
  public var sentence: String {
    var parts = [count + (percentage.map { " (\($0.trimmingCharacters(in: .whitespaces)))" } ?? "")]
    parts.append("\(Self.time(elapsed)) elapsed")
    if let timeLeft { parts.append("\(Self.time(timeLeft)) left") }
    return "\(title): " + (parts + trailing).joined(separator: ", ")
  }

  private static let leastBarWidth = 10
  private static let mostBarWidth = 40

  private var percentage: String? { fraction.map { String(format: "%3d%%", Int(100 * $0)) } }

  private var count: String { unit.count(completed, of: total) }

  private var parts: [String] {
    let times = [elapsed, timeLeft].compactMap { $0.map(Self.time) }
    return [count, times.joined(separator: " < ")] + trailing
  }

  private var trailing: [String] {
    fields.map { "\($0.name) \($0.value)" } + (rate.map { [unit.rate($0)] } ?? [])
  }

  private static func bar(_ fraction: Double, width: Int, style: ProgressStyle) -> String {
    guard style.usesUnicode else {
      let done = Int(fraction * Double(width - 2))
      return "[" + String(repeating: "#", count: done) + String(repeating: ".", count: width - 2 - done) + "]"
    }
    let halves = Int(fraction * Double(2 * width))
    let done = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
    let rest = width - done.count
    guard style.usesColor else { return done + String(repeating: "─", count: rest) }
    return "\u{1B}[32m\(done)\u{1B}[0;2m" + String(repeating: "━", count: rest) + "\u{1B}[0m"
  }

  /// `mm:ss`, from an hour on `h:mm:ss`.
  static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 3.6e9 else { return "–" }
    let whole = Int(max(0, seconds))
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%02d:%02d", minutes, rest)
  }
}

/// What a progress bar counts.
public enum ProgressUnit: Sendable, Hashable, ExpressibleByStringLiteral {
  /// Things, named in the plural: `steps`, `captions`.
  case things(String)
  case bytes

  public init(stringLiteral name: String) { self = .things(name) }

  /// `126/300`, `126 steps`, `1.21 GB/19.3 GB`.
  func count(_ completed: Int, of total: Int?) -> String {
    switch self {
    case .things(let name): total.map { "\(completed)/\($0)" } ?? "\(completed) \(name)"
    case .bytes: ([completed] + [total].compactMap(\.self)).map { "\(ByteCount($0))" }.joined(separator: "/")
    }
  }

  /// `5.90 steps/s`, `11.3 MB/s`.
  func rate(_ perSecond: Double) -> String {
    switch self {
    case .things(let name):
      String(format: perSecond < 10 ? "%.2f" : perSecond < 100 ? "%.1f" : "%.0f", perSecond) + " \(name)/s"
    case .bytes: "\(ByteCount(perSecond))/s"
    }
  }
}
