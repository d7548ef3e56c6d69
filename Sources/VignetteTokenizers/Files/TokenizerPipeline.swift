import VignetteFiles

/// Makes the parts of a tokenizer from their descriptions in tokenizer.json, and these from a class's settings.
enum TokenizerPipeline {
  // MARK: What Transformers' classes build

  /// Replaces the pipeline of `file` by the one that the class builds from tokenizer_config.json.
  ///
  /// - Parameter config: tokenizer_config.json.
  static func rebuild(
    _ file: inout TokenizerFile, _ kind: TokenizerKind, _ config: JSONField, unknownToken: String?
  ) throws {
    switch kind {
    case .asWritten: break
    case .gpt2, .roberta:
      let addPrefixSpace = try config["add_prefix_space"].value(default: false)
      file.normalizer = .null
      file.preTokenizer = byteLevel(addPrefixSpace: addPrefixSpace)
      file.decoder = byteLevel(addPrefixSpace: true)
      file.modelOptions = [
        "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": "",
        "end_of_word_suffix": "", "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
      ]
    case .bert:
      file.normalizer = [
        "type": "BertNormalizer", "clean_text": true,
        "handle_chinese_chars": .bool(try config["tokenize_chinese_chars"].value(default: true)),
        "strip_accents": try config["strip_accents"].optional(as: Bool.self).map(JSONValue.bool) ?? .null,
        "lowercase": .bool(try config["do_lower_case"].value(default: true)),
      ]
      file.preTokenizer = ["type": "BertPreTokenizer"]
      file.decoder = ["type": "WordPiece", "prefix": "##", "cleanup": true]
      file.modelOptions = [
        "type": "WordPiece", "unk_token": .string(unknownToken ?? "[UNK]"),
        "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
      ]
    }
  }

  private static func byteLevel(addPrefixSpace: Bool) -> JSONValue {
    [
      "type": "ByteLevel", "add_prefix_space": .bool(addPrefixSpace), "trim_offsets": true, "use_regex": true,
    ]
  }

  /// RoBERTa's `<s> … </s>`.
  static func robertaProcessing(
    cls: (String, Int), sep: (String, Int), addPrefixSpace: Bool, trimOffsets: Bool
  ) -> JSONValue {
    [
      "type": "RobertaProcessing", "sep": [.string(sep.0), .int(sep.1)],
      "cls": [.string(cls.0), .int(cls.1)], "trim_offsets": .bool(trimOffsets),
      "add_prefix_space": .bool(addPrefixSpace),
    ]
  }

  /// A template of special tokens around one text, and around two with the last token repeated between.
  static func template(before: [(String, Int)], after: [(String, Int)], pairRepeatsBefore: Bool)
    -> JSONValue
  {
    func pieces(_ tokens: [(String, Int)], _ type: Int) -> [JSONValue] {
      tokens.map { ["SpecialToken": ["id": .string($0.0), "type_id": .int(type)]] }
    }
    func text(_ name: String, _ type: Int) -> JSONValue {
      ["Sequence": ["id": .string(name), "type_id": .int(type)]]
    }
    let single = pieces(before, 0) + [text("A", 0)] + pieces(after, 0)
    let second = (pairRepeatsBefore ? pieces(before, 1) : []) + [text("B", 1)] + pieces(after, 1)
    var ids: JSONObject = [:]
    for (token, id) in before + after where ids[token] == nil {
      ids[token] = ["id": .string(token), "ids": [.int(id)], "tokens": [.string(token)]]
    }
    return [
      "type": "TemplateProcessing", "single": .array(single), "pair": .array(single + second),
      "special_tokens": .object(ids),
    ]
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
    let fields = fields(file, source)
    try expect(nil, at: fields["normalizer"])
    try expect("ByteLevel", at: fields["pre_tokenizer"])
    try expect("ByteLevel", at: fields["decoder"])
    let model = file.modelOptions
    for (name, isOff) in [
      ("dropout", model["dropout"].map { $0 == .null || $0.asNumber == 0 }),
      (
        "continuing_subword_prefix",
        model["continuing_subword_prefix"].map { $0 == .null || $0.asString == "" }
      ),
      ("end_of_word_suffix", model["end_of_word_suffix"].map { $0 == .null || $0.asString == "" }),
      ("byte_fallback", model["byte_fallback"].map { $0.asBool == false }),
    ] where isOff == false {
      throw TokenizerError.unsupported(file: source, feature: "model.\(name) in a BPE model")
    }
    var options = ByteLevelBPE.Options()
    options.addPrefixSpace = try fields["pre_tokenizer"]["add_prefix_space"].value(default: true)
    options.usesRegex = try fields["pre_tokenizer"]["use_regex"].value(default: true)
    options.unknownToken = try fields["model"]["unk_token"].optional()
    options.fusesUnknown = try fields["model"]["fuse_unk"].value(default: false)
    options.ignoresMerges = try fields["model"]["ignore_merges"].value(default: false)
    return options
  }

  private static func wordPieceOptions(_ file: TokenizerFile, _ source: String) throws -> WordPiece.Options {
    var options = WordPiece.Options()
    options.normalizer = nil
    let fields = fields(file, source)
    let normalizer = fields["normalizer"]
    if normalizer.isPresent {
      try expect("BertNormalizer", at: normalizer)
      var itsOptions = BertNormalizer()
      itsOptions.cleansText = try normalizer["clean_text"].value(default: true)
      itsOptions.splitsChinese = try normalizer["handle_chinese_chars"].value(default: true)
      itsOptions.lowercases = try normalizer["lowercase"].value(default: true)
      itsOptions.stripsAccents = try normalizer["strip_accents"].value(default: itsOptions.lowercases)
      options.normalizer = itsOptions
    }
    try expect("BertPreTokenizer", at: fields["pre_tokenizer"])
    let decoder = fields["decoder"]
    try expect("WordPiece", at: decoder)
    let model = fields["model"]
    options.unknownToken = try model["unk_token"].value(default: options.unknownToken)
    options.continuingPrefix = try model["continuing_subword_prefix"].value(default: options.continuingPrefix)
    options.maximumWordLength =
      try model["max_input_chars_per_word"].value(default: options.maximumWordLength)
    options.decoderPrefix = try decoder["prefix"].value(default: options.decoderPrefix)
    options.decoderCleansUp = try decoder["cleanup"].value(default: options.decoderCleansUp)
    return options
  }

  /// The descriptions by their names in tokenizer.json, read strictly.
  private static func fields(_ file: TokenizerFile, _ source: String) -> JSONField {
    JSONField(
      [
        "normalizer": file.normalizer, "pre_tokenizer": file.preTokenizer, "decoder": file.decoder,
        "model": .object(file.modelOptions),
      ], file: source)
  }

  private static func expect(_ type: String?, at part: JSONField) throws {
    let found: String? = try part["type"].optional()
    guard found == type, type != nil || !part.isPresent else {
      throw TokenizerError.unsupported(file: part.file, feature: "the \(part.key) \(found ?? "null")")
    }
  }
}
