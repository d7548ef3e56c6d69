import Foundation

/// A number that an evaluation measured.
public struct Metric: Sendable, Hashable {
  /// What a metric's numbers run to, and with how many decimals they are shown.
  enum Scale: Sendable, Hashable {
    /// ROUGE and BLEU, in per cent.
    case percent
    /// CIDEr, as coco-caption gives it.
    case ten
    /// A length in tokens.
    case tokens
    case other
  }

  /// As in the log, without `eval_`: "rougeL", "Bleu_4".
  public var key: String
  public var value: Double

  public init(_ key: String, _ value: Double) {
    self.key = key
    self.value = value
  }

  /// As a table's header spells it: "Rougel" and "Gen Len" as Trainer's does; BLEU and CIDEr in their own spelling,
  /// and coco-caption's ROUGE-L so that it isn't taken for the other.
  public var name: String {
    let lowercased = key.lowercased()
    switch lowercased {
    case "cider": return "CIDEr"
    case "rouge_l": return "ROUGE-L"
    case _ where lowercased.hasPrefix("bleu_"): return "BLEU-\(key.dropFirst("bleu_".count))"
    default:
      return key.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
        .joined(separator: " ")
    }
  }

  var scale: Scale {
    let lowercased = key.lowercased()
    if lowercased.hasPrefix("rouge") || lowercased.hasPrefix("bleu") { return .percent }
    return lowercased == "cider" ? .ten : lowercased == "gen_len" ? .tokens : .other
  }

  /// The value with its scale's decimals, the same in every row of a table.
  var text: String {
    switch scale {
    case .percent, .tokens: EvaluationTable.number(value, decimals: 2)
    case .ten, .other: EvaluationTable.number(value, decimals: 4)
    }
  }

  // The order of columns; trainer_state.json keeps none.
  private static let order = [
    "rouge1", "rouge2", "rougel", "rougelsum", "gen_len", "bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l",
    "meteor", "cider",
  ]

  /// ROUGE first as Trainer's table has it, then coco-caption's; others at the end in their own order.
  static func ordered(_ metrics: [Metric]) -> [Metric] {
    let places = metrics.enumerated().map { index, metric in
      (order.firstIndex(of: metric.key.lowercased()) ?? order.count + index, metric)
    }
    return places.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
