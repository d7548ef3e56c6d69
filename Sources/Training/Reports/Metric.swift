/// A number that an evaluation measured.
public struct Metric: Sendable, Hashable {
  /// As in the log, without `eval_`: "rougeL".
  public var key: String
  public var value: Double

  public init(_ key: String, _ value: Double) {
    self.key = key
    self.value = value
  }

  /// As the table that Trainer prints spells it: "Rougel", "Gen Len"; CIDEr has its own spelling.
  public var name: String {
    if key.lowercased() == "cider" { return "CIDEr" }
    return key.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
      .joined(separator: " ")
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
