import VignetteMetrics

/// A number that an evaluation measured.
public struct Metric: Sendable, Hashable {
  /// As in the log, without `eval_`: "rougeL", "Bleu_4".
  public var key: String
  public var value: Double

  public init(_ key: String, _ value: Double) {
    self.key = key
    self.value = value
  }

  /// Scores in the units in which they are reported.
  static func all(_ scores: [MetricScore]) -> [Metric] { scores.map { Metric($0.name, $0.reportedValue) } }

  /// What tells whether captions look at their images: no scores, but signs of health.
  package static let healthKeys = ["distinct_captions", "repetition_rate"]

  // The order of columns; trainer_state.json keeps none.
  private static let order = [
    "rouge1", "rouge2", "rougel", "rougelsum", "gen_len", "bleu_1", "bleu_2", "bleu_3", "bleu_4", "rouge_l",
    "meteor", "cider", "cer", "clipscore", "refclipscore", "blip_itm", "blip_itc", "siglip",
  ]

  /// ROUGE first as Trainer's table has it, then coco-caption's; others at the end in their own order.
  package static func ordered(_ metrics: [Metric]) -> [Metric] {
    let ranks = metrics.enumerated().map { index, metric in
      (order.firstIndex(of: metric.key.lowercased()) ?? order.count + index, metric)
    }
    return ranks.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
