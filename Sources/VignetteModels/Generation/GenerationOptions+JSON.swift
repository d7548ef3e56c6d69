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
  /// - Throws: `JSONFieldError` naming file and field.
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
    if options.decoderStartTokenID == nil, options.bosTokenID == nil {
      options.decoderStartTokenID = legacy?.decoderStartTokenID ?? legacy?.bosTokenID
    }
    return options
  }

  /// What is set, under Hugging Face's names; the seed is no part of it.
  public var json: JSONObject {
    JSONObject(GenerationField.all.compactMap { field in field.write(self).map { (field.name, $0) } })
  }

  /// The contents of generation_config.json, byte for byte as Transformers writes these options.
  ///
  /// The seed is no part of it.
  public func generationConfig(transformersVersion: String = "5.23.0") -> Data {
    var object = json
    object["transformers_version"] = .string(transformersVersion)
    return Data((JSONValue.object(object).text(.config) + "\n").utf8)
  }

  /// The fields of a generation_config.json that would change Transformers' captions and that are not supported
  /// here, for a warning.
  public static func unsupportedFields(ofGenerationConfig config: JSONField) throws -> [String] {
    try unsupported.filter { name, harmless in
      try config[name].optional(as: JSONValue.self).map { !harmless.contains($0) } ?? false
    }.keys.sorted()
  }

  /// Fields without a counterpart here, each with the values that ask for nothing.
  private static let unsupported: [String: [JSONValue]] = [
    "constraints": [], "diversity_penalty": [0.0, 0], "epsilon_cutoff": [0.0, 0], "eta_cutoff": [0.0, 0],
    "exponential_decay_length_penalty": [], "force_words_ids": [], "guidance_scale": [1.0, 1], "max_time": [],
    "num_beam_groups": [1], "penalty_alpha": [0.0, 0], "renormalize_logits": [false], "sequence_bias": [],
    "stop_strings": [], "top_h": [], "watermarking_config": [],
  ]

  /// Reads the fields of an object.
  private init(_ object: JSONField) throws {
    self.init()
    for field in GenerationField.all { try field.read(&self, object[field.name]) }
  }

  private func filledFieldByField(from lower: GenerationOptions) -> GenerationOptions {
    var result = self
    for field in GenerationField.all {
      field.fill(&result, lower)
    }
    return result
  }
}
