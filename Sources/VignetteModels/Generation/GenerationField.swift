import VignetteFiles

/// One option as generation_config.json spells it: how to read, write and fill it.
///
/// The one table of all options; JSON, layering and the command line's spelling follow from it.
struct GenerationField: Sendable {
  let name: String
  let read: @Sendable (inout GenerationOptions, JSONField) throws -> Void
  let write: @Sendable (GenerationOptions) -> JSONValue?
  let fill: @Sendable (inout GenerationOptions, GenerationOptions) -> Void

  /// The option's spelling on the command line.
  static func commandLineName(_ name: String) -> String {
    "--" + name.replacing("_", with: "-")
  }

  static let all: [GenerationField] = [
    .init("bad_words_ids", \.badWordsIDs),
    .init("begin_suppress_tokens", \.beginSuppressTokens),
    .init("bos_token_id", \.bosTokenID),
    .init("decoder_start_token_id", \.decoderStartTokenID),
    .init("do_sample", \.doSample),
    .init("early_stopping", \.earlyStopping),
    .init(idOrList: "eos_token_id", \.eosTokenIDs),
    .init("forced_bos_token_id", \.forcedBOSTokenID),
    .init(idOrList: "forced_eos_token_id", \.forcedEOSTokenIDs),
    .init("length_penalty", \.lengthPenalty),
    .init("max_length", \.maxLength),
    .init("max_new_tokens", \.maxNewTokens),
    .init("min_length", \.minLength),
    .init("min_new_tokens", \.minNewTokens),
    .init("min_p", \.minP),
    .init("no_repeat_ngram_size", \.noRepeatNgramSize),
    .init("num_beams", \.numBeams),
    .init("num_return_sequences", \.numReturnSequences),
    .init("pad_token_id", \.padTokenID),
    .init("repetition_penalty", \.repetitionPenalty),
    .init("suppress_tokens", \.suppressTokens),
    .init("temperature", \.temperature),
    .init("top_k", \.topK),
    .init("top_p", \.topP),
    .init("typical_p", \.typicalP),
  ]

  private init<Value: GenerationValue>(
    _ name: String, _ path: any WritableKeyPath<GenerationOptions, Value?> & Sendable
  ) {
    self.init(name, path, read: { try $0.optional() }, write: { $0.json })
  }

  private init(idOrList name: String, _ path: any WritableKeyPath<GenerationOptions, [Int]?> & Sendable) {
    self.init(
      name, path,
      read: { field in
        switch try field.optional(as: JSONValue.self) {
        case nil: nil
        case .array?: try field.value()
        case .int(let id)?: [id]
        default: throw field.mismatch(expected: "a token id or a list of token ids")
        }
      },
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
