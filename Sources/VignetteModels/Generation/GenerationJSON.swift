public import Foundation
public import VignetteFiles

extension GenerationOptions {
  /// Reads a checkpoint's options as Transformers does: from generation_config.json where there is one, else from
  /// config.json as older versions wrote it (fields at its top level first, then those of its decoder).
  ///
  /// Fields that are no option of this type are skipped; see `unsupportedFields(ofGenerationConfig:)`.
  ///
  /// - Parameters:
  ///   - generationConfig: generation_config.json, nil where the folder has none.
  ///   - config: config.json. Where generation_config.json has no token to start with, which Transformers refuses,
  ///     this is looked at for one.
  /// - Throws: `JSONError` naming file and field.
  public static func checkpoint(generationConfig: JSONField?, config: JSONField?) throws -> GenerationOptions
  {
    let legacy = try config.map { config in
      let options = try GenerationOptions(config)
      let languageModel = ["decoder", "generator", "text_config"].lazy.map { config[$0] }.first(
        where: \.isPresent)
      return try languageModel.map { options.filledFieldByField(from: try GenerationOptions($0)) } ?? options
    }
    guard let generationConfig else { return legacy ?? GenerationOptions() }
    var options = try GenerationOptions(generationConfig)
    if let legacy, options.decoderStartTokenID == nil, options.bosTokenID == nil {
      options.decoderStartTokenID = legacy.decoderStartTokenID ?? legacy.bosTokenID
      options.origins.take(
        "decoder_start_token_id", from: legacy.origins,
        as: legacy.decoderStartTokenID == nil ? "bos_token_id" : nil)
    }
    return options
  }

  /// What is set, under Hugging Face's names; prompt, seed and what else to give out are no part of it.
  public var json: JSONObject {
    JSONObject(GenerationField.all.compactMap { field in field.write(self).map { (field.name, $0) } })
  }

  /// The contents of generation_config.json, byte for byte as Transformers writes these options.
  ///
  /// Prompt, seed and what else to give out are no part of it.
  public func generationConfig(transformersVersion: String = "5.23.0") -> Data {
    var object = json
    object["transformers_version"] = .string(transformersVersion)
    return Data((JSONValue.object(object).text(.config) + "\n").utf8)
  }

  /// The fields of a generation_config.json that would change Transformers' captions and that are not supported
  /// here, for a warning.
  public static func unsupportedFields(ofGenerationConfig config: JSONField) throws -> [String] {
    try fields(of: config, among: unsupported)
  }

  /// The fields of a generation_config.json that Transformers ignores for images, with a warning.
  public static func ignoredFields(ofGenerationConfig config: JSONField) throws -> [String] {
    try fields(of: config, among: aboutInputTokens)
  }

  private static func fields(of config: JSONField, among names: [String: [JSONValue]]) throws -> [String] {
    try names.filter { name, harmless in
      try config[name].optional(as: JSONValue.self).map { !harmless.contains($0) } ?? false
    }.keys.sorted()
  }

  /// Fields without a counterpart here, each with the values that ask for nothing.
  private static let unsupported: [String: [JSONValue]] = [
    "guidance_scale": [1.0, 1], "remove_invalid_values": [false], "token_healing": [false],
    "watermarking_config": [],
  ]

  /// What becomes of a field that is not supported, as it goes on after its name.
  package static func consequence(ofUnsupportedField name: String) -> String {
    switch name {
    case "guidance_scale":
      "is ignored: it weighs captions against what the model says without its image, for which Transformers fails with "
        + "vision encoder-decoders, and where it works captions differ from Transformers'"
    case "remove_invalid_values":
      "is ignored: logits that are no finite numbers are an error here"
    case "token_healing":
      "is ignored: it mends the end of a prompt, which is taken as it is here (Transformers fails)"
    case "watermarking_config": "is ignored: captions get no watermark, and differ from Transformers'"
    default: "is not supported; captions may differ from Transformers'"
    }
  }

  /// Fields that compare captions with the tokens that a model was given, and an image has none.
  private static let aboutInputTokens: [String: [JSONValue]] = [
    "encoder_no_repeat_ngram_size": [0], "encoder_repetition_penalty": [1.0, 1],
  ]

  /// Reads the fields of an object.
  private init(_ object: JSONField) throws {
    self.init()
    for field in GenerationField.all {
      try field.read(&self, object[field.name])
      origins.note(field.name, field.write(self), at: object[field.name])
    }
  }
}

/// One option as generation_config.json spells it: how to read, write and fill it.
///
/// The one table of all options; JSON, layering and the command's flags follow from it.
struct GenerationField: Sendable {
  let name: String
  let read: @Sendable (inout GenerationOptions, JSONField) throws -> Void
  let write: @Sendable (GenerationOptions) -> JSONValue?
  let fill: @Sendable (inout GenerationOptions, GenerationOptions) -> Void
  /// The option as the command offers it; nil where it doesn't.
  private(set) var flag: OptionField<GenerationOptions>?

  static let all =
    options + MovedSearch.fields.sorted { $0.key < $1.key }.map { Self(moved: $0, harmless: $1) }

  private static let options: [GenerationField] = [
    .init("bad_words_ids", \.badWordsIDs),
    .init("begin_suppress_tokens", \.beginSuppressTokens),
    .init(id: "bos_token_id", \.bosTokenID),
    .init(id: "decoder_start_token_id", \.decoderStartTokenID),
    .init("do_sample", \.doSample, "Draw tokens at random instead of taking the likeliest."),
    .init("early_stopping", \.earlyStopping, "End of beam search: true, false or never."),
    .init(idOrList: "eos_token_id", \.eosTokenIDs),
    .init(
      "epsilon_cutoff", \.epsilonCutoff, "Probability below which sampling draws no token; 0 for all."),
    .init(
      "eta_cutoff", \.etaCutoff,
      "Probability below which sampling draws no token, lowered where many are likely; 0 for all."),
    .init(
      "exponential_decay_length_penalty", \.exponentialDecayLengthPenalty,
      "Number of new tokens beyond which end tokens become ever likelier, and the factor by which: 15,1.1."),
    .init("forced_bos_token_id", \.forcedBOSTokenID),
    .init(idOrList: "forced_eos_token_id", \.forcedEOSTokenIDs),
    .init(
      "length_penalty", \.lengthPenalty,
      "Length penalty of beam search: above 0 favours long captions, below 0 short ones."),
    .init("max_length", \.maxLength, "Maximum number of tokens of a caption, the start token counted."),
    .init("max_new_tokens", \.maxNewTokens, "Maximum number of new tokens. Overrides `max_length`."),
    .init(
      "max_time", \.maxTime, "Seconds after which captions end, those of encoding the images not counted."),
    .init("min_length", \.minLength, "Minimum number of tokens of a caption, the start token counted."),
    .init("min_new_tokens", \.minNewTokens, "Minimum number of new tokens. Overrides `min_length`."),
    .init("min_p", \.minP, "Share of the likeliest token's probability below which sampling draws no token."),
    .init(
      "no_repeat_ngram_size", \.noRepeatNgramSize,
      "Number of tokens of which no sequence occurs twice in a caption; 0 allows it."),
    .init("num_beams", \.numBeams, "Beams of beam search; 1 is greedy search or sampling."),
    .init(
      "num_return_sequences", \.numReturnSequences,
      "Captions for each image; at most `num_beams` in beam search."),
    .init("pad_token_id", \.padTokenID),
    .init(
      "renormalize_logits", \.renormalizeLogits,
      "Make scores probabilities again after all other options changed them, for beam search."),
    .init(
      "repetition_penalty", \.repetitionPenalty,
      "Penalty of tokens that the caption has already: above 1 makes them less likely."),
    .init("sequence_bias", \.sequenceBias),
    .init(
      "stop_strings", \.stopStrings,
      "Text that ends a caption, which keeps it, or a JSON list of such texts.", read: { try $0.texts() }),
    .init("suppress_tokens", \.suppressTokens),
    .init(
      "temperature", \.temperature,
      "Temperature of sampling: below 1 sharpens the distribution, above 1 flattens it."),
    .init(
      "top_h", \.topH,
      "Part of the entropy that the likeliest tokens, which sampling draws among, have at most."),
    .init("top_k", \.topK, "Number of the likeliest tokens that sampling draws among; 0 for all."),
    .init("top_p", \.topP, "Probability that the fewest tokens which sampling draws among have together."),
    .init(
      "typical_p", \.typicalP,
      "Probability that the most typical tokens, which sampling draws among, have together."),
  ]

  private init<Value: GenerationValue>(
    _ name: String, _ path: any WritableKeyPath<GenerationOptions, Value?> & Sendable
  ) {
    self.init(name, path, read: { try $0.optional() }, write: { $0.json })
  }

  /// - Parameter help: what the command's help says.
  private init<Value: GenerationValue & OptionValue>(
    _ name: String, _ path: any WritableKeyPath<GenerationOptions, Value?> & Sendable, _ help: String,
    read: @escaping @Sendable (JSONField) throws -> Value? = { try $0.optional() }
  ) {
    self.init(name, path, read: read, write: { $0.json })
    flag = OptionField(name, path, help)
  }

  /// A token id, which may stand in a list.
  private init(id name: String, _ path: any WritableKeyPath<GenerationOptions, Int?> & Sendable) {
    self.init(name, path, read: { try $0.tokenID() }, write: { $0.json })
  }

  /// A field that chooses a ``MovedSearch``.
  private init(moved name: String, harmless: [JSONValue]) {
    self.name = name
    read = { options, field in
      let value = try field.optional(as: JSONValue.self)
      if let value, !harmless.contains(value) { options.movedSearches[name] = value }
    }
    write = { options in options.movedSearches[name] }
    fill = { options, lower in
      options.movedSearches[name] = options.movedSearches[name] ?? lower.movedSearches[name]
    }
  }

  private init(idOrList name: String, _ path: any WritableKeyPath<GenerationOptions, [Int]?> & Sendable) {
    self.init(
      name, path,
      read: { try $0.tokenIDs() },
      write: { ids in ids.count == 1 ? ids[0].json : ids.json })
  }

  private init<Value>(
    _ name: String, _ path: any WritableKeyPath<GenerationOptions, Value?> & Sendable,
    read: @escaping @Sendable (JSONField) throws -> Value?, write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.name = name
    self.read = { options, field in options[keyPath: path] = try read(field) }
    self.write = { options in options[keyPath: path].map(write) }
    self.fill = { options, lower in
      options[keyPath: path] = options[keyPath: path] ?? lower[keyPath: path]
    }
  }
}

extension GenerationOptions: OptionTable {
  /// Options that ask nothing.
  public init() { self.init(seed: nil) }

  package static let optionFields =
    GenerationField.all.compactMap(\.flag) + [
      OptionField("prompt", \.prompt, "Text that captions begin with: a photography of."),
      OptionField("seed", \.seed, "Seed of sampling."),
    ]
}
