/// Makes the parts of a tokenizer from their descriptions in tokenizer.json, and these from a class's settings.
enum TokenizerPipeline {
  // MARK: What Transformers' classes build

  /// Replaces the pipeline of `file` by the one that the class builds from tokenizer_config.json.
  ///
  /// - Parameter config: tokenizer_config.json.
  static func rebuild(
    _ file: inout TokenizerFile, _ kind: TokenizerKind, _ config: TokenizerJSON, unknownToken: String?
  ) {
    switch kind {
    case .asWritten: break
    case .gpt2, .roberta:
      let addPrefixSpace = config["add_prefix_space"]?.flag ?? false
      file.normalizer = .null
      file.preTokenizer = byteLevel(addPrefixSpace: addPrefixSpace)
      file.decoder = byteLevel(addPrefixSpace: true)
      file.modelOptions = .members(
        ("type", .string("BPE")), ("dropout", .null), ("unk_token", .null),
        ("continuing_subword_prefix", .string("")),
        ("end_of_word_suffix", .string("")), ("fuse_unk", .bool(false)), ("byte_fallback", .bool(false)),
        ("ignore_merges", .bool(false)))
    case .bert:
      file.normalizer = .members(
        ("type", .string("BertNormalizer")), ("clean_text", .bool(true)),
        ("handle_chinese_chars", .bool(config["tokenize_chinese_chars"]?.flag ?? true)),
        ("strip_accents", config["strip_accents"] ?? .null),
        ("lowercase", .bool(config["do_lower_case"]?.flag ?? true)))
      file.preTokenizer = .members(("type", .string("BertPreTokenizer")))
      file.decoder = .members(
        ("type", .string("WordPiece")), ("prefix", .string("##")), ("cleanup", .bool(true)))
      file.modelOptions = .members(
        ("type", .string("WordPiece")), ("unk_token", .string(unknownToken ?? "[UNK]")),
        ("continuing_subword_prefix", .string("##")), ("max_input_chars_per_word", .number("100")))
    }
  }

  private static func byteLevel(addPrefixSpace: Bool) -> TokenizerJSON {
    .members(
      ("type", .string("ByteLevel")), ("add_prefix_space", .bool(addPrefixSpace)),
      ("trim_offsets", .bool(true)),
      ("use_regex", .bool(true)))
  }

  /// RoBERTa's `<s> … </s>`.
  static func robertaProcessing(
    cls: (String, Int), sep: (String, Int), addPrefixSpace: Bool, trimOffsets: Bool
  ) -> TokenizerJSON {
    .members(
      ("type", .string("RobertaProcessing")),
      ("sep", .array([.string(sep.0), .number(String(sep.1))])),
      ("cls", .array([.string(cls.0), .number(String(cls.1))])),
      ("trim_offsets", .bool(trimOffsets)), ("add_prefix_space", .bool(addPrefixSpace)))
  }

  /// A template of special tokens around one text, and around two with the last token repeated between.
  static func template(before: [(String, Int)], after: [(String, Int)], pairRepeatsBefore: Bool)
    -> TokenizerJSON
  {
    func pieces(_ tokens: [(String, Int)], _ type: String) -> [TokenizerJSON] {
      tokens.map { .members(("SpecialToken", .members(("id", .string($0.0)), ("type_id", .number(type))))) }
    }
    func text(_ name: String, _ type: String) -> TokenizerJSON {
      .members(("Sequence", .members(("id", .string(name)), ("type_id", .number(type)))))
    }
    let single = pieces(before, "0") + [text("A", "0")] + pieces(after, "0")
    let second = (pairRepeatsBefore ? pieces(before, "1") : []) + [text("B", "1")] + pieces(after, "1")
    var ids: [TokenizerJSON.Member] = []
    for (token, id) in before + after where !ids.contains(where: { $0.key == token }) {
      ids.append(
        .init(
          key: token,
          value: .members(
            ("id", .string(token)), ("ids", .array([.number(String(id))])),
            ("tokens", .array([.string(token)])))))
    }
    return .members(
      ("type", .string("TemplateProcessing")), ("single", .array(single)), ("pair", .array(single + second)),
      ("special_tokens", .object(ids)))
  }

  // MARK: What descriptions make

  /// - Throws: ``TokenizerError`` where a part is of a kind that isn't supported.
  static func model(_ file: TokenizerFile, source: String) throws -> any TokenizerModel {
    switch file.model {
    case .bpe(let vocabulary, let merges):
      let options = try byteLevelOptions(file, source)
      if let token = options.unknownToken, vocabulary.id(of: token.utf8) == nil {
        throw TokenizerError.invalid(
          file: source, problem: "the vocabulary lacks the unknown token \"\(token)\"")
      }
      return ByteLevelBPE(vocabulary: vocabulary, merges: merges, options: options)
    case .wordPiece(let vocabulary):
      let options = try wordPieceOptions(file, source)
      guard let model = WordPiece(vocabulary: vocabulary, options: options) else {
        throw TokenizerError.invalid(
          file: source, problem: "the vocabulary lacks the unknown token \"\(options.unknownToken)\"")
      }
      return model
    }
  }

  private static func byteLevelOptions(_ file: TokenizerFile, _ source: String) throws -> ByteLevelBPE.Options
  {
    try expect(file.normalizer, nil, "normalizer", source)
    try expect(file.preTokenizer, "ByteLevel", "pre_tokenizer", source)
    try expect(file.decoder, "ByteLevel", "decoder", source)
    let model = file.modelOptions
    for (name, isOff) in [
      ("dropout", model["dropout"].map { $0.isNull || $0.double == 0 }),
      ("continuing_subword_prefix", model["continuing_subword_prefix"].map { $0.isNull || $0.text == "" }),
      ("end_of_word_suffix", model["end_of_word_suffix"].map { $0.isNull || $0.text == "" }),
      ("byte_fallback", model["byte_fallback"].map { $0.flag == false }),
    ] where isOff == false {
      throw TokenizerError.unsupported(file: source, feature: "model.\(name) in a BPE model")
    }
    var options = ByteLevelBPE.Options()
    options.addPrefixSpace = file.preTokenizer["add_prefix_space"]?.flag ?? true
    options.usesRegex = file.preTokenizer["use_regex"]?.flag ?? true
    options.unknownToken = model["unk_token"]?.text
    options.fusesUnknown = model["fuse_unk"]?.flag ?? false
    options.ignoresMerges = model["ignore_merges"]?.flag ?? false
    return options
  }

  private static func wordPieceOptions(_ file: TokenizerFile, _ source: String) throws -> WordPiece.Options {
    var options = WordPiece.Options()
    options.normalizer = nil
    if !file.normalizer.isNull {
      try expect(file.normalizer, "BertNormalizer", "normalizer", source)
      var normalizer = BertNormalizer()
      normalizer.cleansText = file.normalizer["clean_text"]?.flag ?? true
      normalizer.splitsChinese = file.normalizer["handle_chinese_chars"]?.flag ?? true
      normalizer.lowercases = file.normalizer["lowercase"]?.flag ?? true
      normalizer.stripsAccents = file.normalizer["strip_accents"]?.flag ?? normalizer.lowercases
      options.normalizer = normalizer
    }
    try expect(file.preTokenizer, "BertPreTokenizer", "pre_tokenizer", source)
    try expect(file.decoder, "WordPiece", "decoder", source)
    options.unknownToken = file.modelOptions["unk_token"]?.text ?? options.unknownToken
    options.continuingPrefix =
      file.modelOptions["continuing_subword_prefix"]?.text ?? options.continuingPrefix
    options.maximumWordLength =
      file.modelOptions["max_input_chars_per_word"]?.integer ?? options.maximumWordLength
    options.decoderPrefix = file.decoder["prefix"]?.text ?? options.decoderPrefix
    options.decoderCleansUp = file.decoder["cleanup"]?.flag ?? options.decoderCleansUp
    return options
  }

  private static func expect(_ part: TokenizerJSON, _ type: String?, _ name: String, _ source: String) throws
  {
    let found = part["type"]?.text
    guard found == type, type != nil || part.isNull else {
      throw TokenizerError.unsupported(file: source, feature: "the \(name) \(found ?? "null")")
    }
  }
}
