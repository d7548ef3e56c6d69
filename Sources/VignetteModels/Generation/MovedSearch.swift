import VignetteFiles

/// A search that Transformers once had and that it has moved to a repository of code on the Hub, which `generate` runs
/// where it is told to trust it. A checkpoint that asks for one is refused there, and here.
enum MovedSearch {
  case constrained
  case contrastive
  case group
  case layerContrast

  /// The fields of generation_config.json that ask for these, and the values of them that ask for nothing.
  static let fields: [String: [JSONValue]] = [
    "constraints": [], "dola_layers": [], "force_words_ids": [], "num_beam_groups": [1],
    "penalty_alpha": [0.0, 0],
  ]

  /// The search that options ask for, as `GenerationConfig.get_generation_mode` has it; nil for one that is still
  /// there. Fields that have no effect beside the other options ask for nothing.
  init?(_ options: GenerationOptions) {
    let fields = options.movedSearches
    let hasBeams = options.numBeams ?? 1 > 1
    func number(_ name: String) -> Double { fields[name]?.asNumber ?? 0 }
    if fields["constraints"] != nil || fields["force_words_ids"] != nil {
      self = .constrained
    } else if hasBeams, number("num_beam_groups") > 1 {
      self = .group
    } else if !hasBeams, options.doSample != true, options.topK ?? 50 > 1, number("penalty_alpha") > 0 {
      self = .contrastive
    } else if !hasBeams, fields["dola_layers"] != nil {
      self = .layerContrast
    } else {
      return nil
    }
  }

  var error: GenerationError {
    switch self {
    case .constrained:
      Self.error(
        "constrained beam search (force_words_ids)", "constrained-beam-search",
        "remove that field there; sequence_bias makes words likelier")
    case .contrastive:
      Self.error(
        "contrastive search (penalty_alpha)", "contrastive-search",
        "remove that field there, or take `num_beams` or `do_sample`")
    case .group:
      Self.error(
        "group beam search (num_beam_groups)", "group-beam-search",
        "remove that field there; captions that differ come from `do_sample` with `num_return_sequences`")
    case .layerContrast:
      Self.error("DoLa (dola_layers)", "dola", "remove that field there, or take `num_beams`")
    }
  }

  private static func error(_ name: String, _ repository: String, _ remedy: String) -> GenerationError {
    .contradiction(
      "generation_config.json asks for \(name), which Transformers no longer has (it has moved to "
        + "https://hf.co/transformers-community/\(repository)) and which isn't supported: \(remedy)")
  }
}
