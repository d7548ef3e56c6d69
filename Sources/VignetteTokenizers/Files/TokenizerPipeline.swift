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
    case .clip:
      file.normalizer = CLIPTokens.normalizer
      file.preTokenizer = CLIPTokens.preTokenizer
      file.decoder = byteLevel(addPrefixSpace: true)
      file.modelOptions = CLIPTokens.modelOptions(unknownToken: unknownToken ?? "<|endoftext|>")
    case .bertJapanese:
      let subwords = config["subword_tokenizer_type"]
      guard try subwords.value(default: "wordpiece") == "character" else {
        throw TokenizerError.unsupported(
          file: config.file, feature: "a BertJapaneseTokenizer whose \(subwords.key) is not \"character\"")
      }
      let words: String = try config["word_tokenizer_type"].value(default: "basic")
      guard ["basic", "mecab"].contains(words) else {
        throw TokenizerError.unsupported(file: config.file, feature: "the word_tokenizer_type \"\(words)\"")
      }
      file.model = .characters(file.vocabulary)
      file.modelOptions = [
        "unk_token": .string(unknownToken ?? "[UNK]"), "basic": .bool(words == "basic"),
        "lowercase": .bool(try config["do_lower_case"].value(default: false)),
      ]
    case .xlmRoberta, .camembert, .mbart, .mbart50, .t5, .barthez, .siglip:
      guard let layout = SentencePieceClass(kind) else { return }
      let addPrefixSpace = try config["add_prefix_space"].value(default: true)
      file.normalizer = layout.normalizer(
        characterMap: characterMap(file.normalizer),
        lowercases: try config["do_lower_case"].value(default: true))
      file.preTokenizer = layout.preTokenizer(addPrefixSpace: addPrefixSpace)
      file.decoder = layout.decoder(addPrefixSpace: addPrefixSpace)
      file.modelOptions = [
        "type": "Unigram",
        "unk_id": .int(layout.unknownID(file.vocabulary, unknownToken: unknownToken)), "byte_fallback": false,
      ]
    }
  }

  /// The first character map of a normalizer or a sequence of them.
  private static func characterMap(_ normalizer: JSONValue) -> JSONValue? {
    (normalizer["normalizers"]?.asArray ?? [normalizer]).first { $0["type"]?.asString == "Precompiled" }
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

  /// - Parameter isExact: whether scores are rounded correctly, as Python's readers do it and `tokenizers` doesn't.
  /// - Throws: ``TokenizerError`` where a part is of a kind that isn't supported.
  static func model(_ file: TokenizerFile, source: String, isExact: Bool) throws -> any TokenizerModel {
    switch file.model {
    case .bpe(let vocabulary, let merges) where CLIPTokens.describes(file):
      let unknownToken: String = try fields(file, source)["model"]["unk_token"].value()
      let model = try CLIPTokens(
        vocabulary: vocabulary, merges: merges, unknownToken: unknownToken,
        normalizer: fields(file, source)["normalizer"])
      guard let model else {
        throw TokenizerError.invalid(
          file: source, problem: "the vocabulary lacks the unknown token \"\(unknownToken)\"")
      }
      return model
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
    case .characters(let vocabulary):
      let options = fields(file, source)["model"]
      let unknownToken: String = try options["unk_token"].value()
      let model = CharacterTokens(
        vocabulary: vocabulary, unknownToken: unknownToken, isBasic: try options["basic"].value(),
        lowercases: try options["lowercase"].value())
      guard let model else {
        throw TokenizerError.invalid(
          file: source, problem: "the vocabulary lacks the unknown token \"\(unknownToken)\"")
      }
      return model
    case .unigram(let vocabulary): return try unigram(vocabulary, file, source, isExact: isExact)
    }
  }

  private static func unigram(
    _ vocabulary: UnigramVocabulary, _ file: TokenizerFile, _ source: String, isExact: Bool
  ) throws -> Unigram {
    let fields = fields(file, source)
    let options = fields["model"]
    guard let unknownID: Int = try options["unk_id"].optional() else {
      throw TokenizerError.unsupported(file: source, feature: "a Unigram model without model.unk_id")
    }
    let count = vocabulary.scores.count
    guard (0..<count).contains(unknownID) else {
      throw TokenizerError.invalid(
        file: source, problem: "model.unk_id is \(unknownID), but there are \(count) tokens")
    }
    let model = Unigram(
      vocabulary: vocabulary.tokens, scores: isExact ? vocabulary.scores : vocabulary.looseScores,
      unknownID: unknownID, hasByteFallback: try options["byte_fallback"].value(default: false),
      pipeline: Unigram.Pipeline(
        normalizer: try TextNormalizer(fields["normalizer"]),
        splitter: try TextSplitter(fields["pre_tokenizer"]),
        decoder: try TokenDecoder(fields["decoder"])))
    guard let model else {
      throw TokenizerError.invalid(file: source, problem: "the tokens are too long for a vocabulary")
    }
    return model
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
      options.normalizer = try BertNormalizer(normalizer)
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
