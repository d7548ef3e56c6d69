public import VignetteEvaluation

/// What a metric's numbers run to, and so how they are shown.
enum MetricScale: Sendable, Hashable {
  /// Hugging Face's ROUGE, from 0 to 100.
  case percent
  /// coco-caption's BLEU and ROUGE-L, and the character error rate, from 0 to 1; people read them times 100.
  case fraction
  /// CIDEr, as coco-caption gives it.
  case ten
  /// A length in tokens.
  case tokens
  case other
}

extension Metric {
  /// As a table's header spells it: "Rougel" and "Gen Len" as Trainer's does; BLEU and CIDEr in their own spelling,
  /// and coco-caption's ROUGE-L so that it isn't taken for the other.
  public var name: String {
    let lowercased = key.lowercased()
    switch lowercased {
    case "cider": return "CIDEr"
    case "cer": return "CER"
    case "clipscore": return "CLIPScore"
    case "refclipscore": return "RefCLIPScore"
    case "blip_itm": return "BLIP ITM"
    case "blip_itc": return "BLIP ITC"
    case "siglip": return "SigLIP"
    case "rouge_l": return "ROUGE-L"
    case _ where lowercased.hasPrefix("bleu_"): return "BLEU-\(key.dropFirst("bleu_".count))"
    default:
      return key.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst().lowercased() }
        .joined(separator: " ")
    }
  }

  var scale: MetricScale {
    let lowercased = key.lowercased()
    if lowercased == "rouge_l" || lowercased == "cer" || lowercased.hasPrefix("bleu") { return .fraction }
    if lowercased.hasPrefix("rouge") { return .percent }
    return lowercased == "cider" ? .ten : lowercased == "gen_len" ? .tokens : .other
  }

  /// The value as tables and curves show it, where BLEU and both kinds of ROUGE run to 100.
  var shownValue: Double { scale == .fraction ? 100 * value : value }

  /// How many decimals are shown, in every row of a table.
  var decimals: Int {
    switch scale {
    case .percent, .fraction, .tokens: 2
    case .ten, .other: 4
    }
  }

  var text: String { EvaluationTable.number(shownValue, decimals: decimals) }
}
