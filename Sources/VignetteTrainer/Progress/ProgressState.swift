import Foundation

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
