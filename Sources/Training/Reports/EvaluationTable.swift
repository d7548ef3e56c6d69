import Foundation

/// The table that Trainer prints, a row for each evaluation, for a terminal.
///
/// Columns have fixed widths, so rows that are printed one by one line up; with ROUGE, the length, BLEU-4 and
/// CIDEr a row is 78 characters long.
///
///     var table = EvaluationTable()
///     print(table.append(record))  // the header and the first row
public struct EvaluationTable: Sendable {
  /// What tells the rows apart.
  public enum FirstColumn: Sendable {
    case epoch, step
  }

  private let firstColumn: FirstColumn
  private var keys: [String]?

  public init(firstColumn: FirstColumn = .epoch) { self.firstColumn = firstColumn }

  /// The row of `record`, and before the first row the header, without a line end.
  ///
  /// The first record's metrics make the columns.
  public mutating func append(_ record: EvaluationRecord) -> String {
    if let keys { return row(record, keys: keys) }
    let keys = record.metrics.map(\.key)
    self.keys = keys
    return header(record.metrics) + "\n" + row(record, keys: keys)
  }

  /// The whole table of `records`.
  public static func text(_ records: [EvaluationRecord], firstColumn: FirstColumn = .epoch) -> String {
    var table = EvaluationTable(firstColumn: firstColumn)
    return records.map { table.append($0) }.joined(separator: "\n")
  }

  // Titles of two words stand on two lines.
  private func header(_ metrics: [Metric]) -> String {
    let titles =
      [["", firstColumn == .epoch ? "Epoch" : "Step"], ["Training", "Loss"], ["Validation", "Loss"]]
      + metrics.map { ["", $0.name] }
    let widths = widths(names: metrics.map(\.name))
    let lines = [0, 1].map { line in Self.line(titles.map { $0[line] }, widths) }
    return (lines + [widths.map { String(repeating: "─", count: $0) }.joined(separator: " ")])
      .joined(separator: "\n")
  }

  private func row(_ record: EvaluationRecord, keys: [String]) -> String {
    let first = firstColumn == .epoch ? Self.epoch(record.epoch) : String(record.step)
    let metrics = keys.map { key in record.metrics.first { $0.key == key }?.value }
    let cells =
      [first]
      + ([record.trainingLoss, record.validationLoss] + metrics).map { $0.map(Self.number) ?? "No log" }
    return Self.line(cells, widths(names: keys.map { Metric($0, 0).name }))
  }

  private func widths(names: [String]) -> [Int] {
    [firstColumn == .epoch ? 5 : 7, 8, 10] + names.map { max($0.count, 6) }
  }

  private static func line(_ cells: [String], _ widths: [Int]) -> String {
    let last = cells.lastIndex { !$0.isEmpty } ?? 0
    return zip(cells, widths).prefix(last + 1).map { cell, width in
      String(repeating: " ", count: max(0, width - cell.count)) + cell
    }.joined(separator: " ")
  }

  /// An epoch as Trainer shows it: whole, or with two decimals.
  static func epoch(_ epoch: Double) -> String {
    epoch == epoch.rounded() ? String(format: "%.0f", epoch) : String(format: "%.2f", epoch)
  }

  /// Four digits that matter, in at most six characters up to a hundred.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-∞" : "∞" }
    return String(format: value.magnitude < 10 ? "%.4f" : "%.2f", value)
  }
}
