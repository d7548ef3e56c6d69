import Foundation

extension GenerationOptions {
  /// Reads a checkpoint's options as Transformers does: from generation_config.json where there is one, else from
  /// config.json as older versions wrote it (fields at its top level first, then those of its decoder).
  ///
  /// Fields that are no option of this type are skipped; see `unsupportedFields(ofGenerationConfig:)`.
  ///
  /// - Parameters:
  ///   - generationConfig: The contents of generation_config.json, nil where the folder has none.
  ///   - config: The contents of config.json. Where generation_config.json has no token to start with, which
  ///     Transformers refuses, this is looked at for one.
  /// - Throws: `GenerationError.invalidFile` naming file and field.
  public static func checkpoint(generationConfig: Data?, config: Data?) throws -> GenerationOptions {
    let legacy = try config.map { data in
      let file = try OptionsFile(data, name: "config.json")
      return try GenerationOptions(file.fields, file: file.name)
        .filledFieldByField(from: GenerationOptions(file.decoderFields, file: "config.json, decoder"))
    }
    guard let generationConfig else { return legacy ?? GenerationOptions() }
    let file = try OptionsFile(generationConfig, name: "generation_config.json")
    var options = try GenerationOptions(file.fields, file: file.name)
    if options.decoderStartTokenID == nil, options.bosTokenID == nil {
      options.decoderStartTokenID = legacy?.decoderStartTokenID ?? legacy?.bosTokenID
    }
    return options
  }

  /// The contents of generation_config.json, byte for byte as Transformers writes these options.
  ///
  /// The seed is no part of it.
  public func generationConfig(transformersVersion: String = "5.23.0") -> Data {
    var lines = GenerationField.all.compactMap { field in
      field.write(self).map { "  \"\(field.name)\": \($0.written())" }
    }
    lines.append("  \"transformers_version\": \"\(transformersVersion)\"")
    return Data("{\n\(lines.sorted().joined(separator: ",\n"))\n}\n".utf8)
  }

  /// The fields of a generation_config.json that would change Transformers' captions and that are not supported
  /// here, for a warning.
  public static func unsupportedFields(ofGenerationConfig data: Data) throws -> [String] {
    try OptionsFile(data, name: "generation_config.json").fields.filter { name, value in
      OptionsFile.unsupported[name].map { !$0.contains(value) } ?? false
    }.keys.sorted()
  }

  private init(_ fields: [String: GenerationJSON], file: String) throws {
    self.init()
    for field in GenerationField.all {
      guard let value = fields[field.name], value != .null else { continue }
      guard field.read(&self, value) else {
        throw GenerationError.invalidFile(
          file: file, problem: "\(field.name) must be \(field.expectation), but is \(value.kind)")
      }
    }
  }

  private func filledFieldByField(from lower: GenerationOptions) -> GenerationOptions {
    var result = self
    for field in GenerationField.all {
      field.fill(&result, lower)
    }
    return result
  }
}

/// The generation fields of a configuration file, and those of the language model inside it.
private struct OptionsFile {
  let name: String
  let fields: [String: GenerationJSON]
  let decoderFields: [String: GenerationJSON]

  /// Fields without a counterpart in `GenerationOptions`, each with the values that ask for nothing.
  static let unsupported: [String: [GenerationJSON]] = [
    "constraints": [], "diversity_penalty": [.number(0), .integer(0)],
    "epsilon_cutoff": [.number(0), .integer(0)],
    "eta_cutoff": [.number(0), .integer(0)], "exponential_decay_length_penalty": [], "force_words_ids": [],
    "guidance_scale": [.number(1), .integer(1)], "max_time": [], "num_beam_groups": [.integer(1)],
    "penalty_alpha": [.number(0), .integer(0)], "renormalize_logits": [.flag(false)], "sequence_bias": [],
    "stop_strings": [], "top_h": [], "watermarking_config": [],
  ]

  init(_ data: Data, name: String) throws {
    self.name = name
    do {
      let top = try JSONDecoder().decode(Section.self, from: data)
      fields = top.fields
      decoderFields = top.languageModel
    } catch DecodingError.typeMismatch(_, let context) {
      let place = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw GenerationError.invalidFile(
        file: name, problem: "\(place.isEmpty ? "the file" : place) must be a JSON object")
    } catch {
      throw GenerationError.invalidFile(file: name, problem: "is not valid JSON; write the file anew")
    }
  }
}

/// One object of a configuration file: of its fields only those about generation.
private struct Section: Decodable {
  var fields: [String: GenerationJSON] = [:]
  var languageModel: [String: GenerationJSON] = [:]

  static let names = GenerationField.all.map(\.name) + OptionsFile.unsupported.keys

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for name in Self.names {
      fields[name] = try container.decodeIfPresent(GenerationJSON.self, forKey: Name(stringValue: name))
    }
    guard decoder.codingPath.isEmpty else { return }
    for name in ["decoder", "generator", "text_config"] {
      if let section = try container.decodeIfPresent(Section.self, forKey: Name(stringValue: name)) {
        languageModel = section.fields
        return
      }
    }
  }

  struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
