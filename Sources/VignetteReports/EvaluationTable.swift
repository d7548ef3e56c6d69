import Foundation
import VignetteEvaluation
public import VignetteTrainer

/// The table that Hugging Face's Trainer prints, a row for each evaluation, for a terminal of 80 columns.
///
///           Training Validation  0–100  0–100  0–100     0–100  tokens  0–100   0–10
///     Epoch     Loss       Loss Rouge1 Rouge2 Rougel Rougelsum Gen Len BLEU-4  CIDEr
///     ───── ──────── ────────── ────── ────── ────── ───────── ─────── ────── ──────
///         1   2.9877     2.5000  23.15   5.00  21.25     21.50   11.30   4.12 0.1234
///
/// Its columns are the losses, ROUGE as `rouge_score` computes it, the length, BLEU-4 and CIDEr; the log has the
/// other metrics.
public enum EvaluationTable {
  /// What tells the rows apart.
  public enum FirstColumn: Sendable {
    case epoch, step
  }

  private static let keys = ["rouge1", "rouge2", "rougel", "rougelsum", "gen_len", "bleu_4", "cider"]

  /// The table of `records`, without a line end.
  public static func text(_ records: [EvaluationRecord], firstColumn: FirstColumn = .epoch) -> String {
    // A metric's column is there if any row has it.
    let metrics = keys.compactMap { key in records.lazy.compactMap { metric(key, of: $0) }.first }
    let titles = [
      ("", firstColumn == .epoch ? "Epoch" : "Step"), ("Training", "Loss"), ("Validation", "Loss"),
    ]
    let heads = titles + metrics.map { (range($0.scale), $0.name) }
    let widths = [firstColumn == .epoch ? 5 : 7, 8, 10] + metrics.map { max($0.name.count, 6) }
    let rows = records.map { record in
      [firstColumn == .epoch ? epoch(record.epoch) : String(record.step)]
        + [record.trainingLoss, record.validationLoss].map { $0.map { number($0, decimals: 4) } ?? "No log" }
        + metrics.map { metric(key($0), of: record)?.text ?? "No log" }
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: " ")
    return
      ([line(heads.map(\.0), widths), line(heads.map(\.1), widths), rule] + rows.map { line($0, widths) })
      .joined(separator: "\n")
  }

  private static func key(_ metric: Metric) -> String { metric.key.lowercased() }

  private static func metric(_ key: String, of record: EvaluationRecord) -> Metric? {
    record.metrics.first { self.key($0) == key }
  }

  private static func range(_ scale: MetricScale) -> String {
    switch scale {
    case .percent, .fraction: "0–100"
    case .ten: "0–10"
    case .tokens: "tokens"
    case .other: ""
    }
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

  /// A number with so many decimals, or in four digits where that would be very long.
  static func number(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-∞" : "∞" }
    return value.magnitude < 10_000
      ? String(format: "%.\(decimals)f", value) : String(format: "%.3e", value)
  }
}

extension EvaluationRecord {
  /// What the record's numbers run to, for a reader of a table.
  var scales: String {
    let hasCLIPScore = metrics.contains { $0.key.lowercased() == "clipscore" }
    return Self.usualScales + (hasCLIPScore ? " \(Self.clipScale)" : "")
  }

  private static let usualScales =
    "ROUGE and BLEU are from 0 to 100, CIDEr is from 0 to 10, Gen Len counts tokens; ROUGE-L is coco-caption's, Rougel "
    + "rouge_score's."
  private static let clipScale =
    "CLIPScore is 2.5 times the cosine of image and caption, and 0 where that is negative."

  /// A row of a table: epoch, step, losses, and the record's values of `metrics`.
  func cells(of metrics: [Metric]) -> [String] {
    let losses = [trainingLoss, validationLoss].map { $0.map { EvaluationTable.number($0, decimals: 4) } }
    let values = metrics.map { metric in self.metrics.first { $0.key == metric.key }?.text }
    return [EvaluationTable.epoch(epoch), String(step)] + (losses + values).map { $0 ?? "–" }
  }
}
