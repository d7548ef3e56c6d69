import Foundation

/// Writing a tokenizer as Transformers does.
extension PretrainedTokenizer {
  func save(to folder: URL) throws {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw TokenizerError.unwritable(file: folder.path, reason: error.localizedDescription)
    }
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try FileBytes.write(bytes, to: folder.appendingPathComponent(name))
    }
    try write("tokenizer.json", tokenizerJSON())
    try write("tokenizer_config.json", Self.document(tokenizerConfig()))
    try write("special_tokens_map.json", Self.document(specialTokensMap()))
    switch file.model {
    case .bpe(let vocabulary, let merges):
      // merges.txt separates by spaces.
      if Self.hasSpaces(vocabulary) { return }
      try write("vocab.json", Self.vocabularyJSON(vocabulary))
      try write("merges.txt", Self.mergesText(vocabulary, merges))
    case .wordPiece(let vocabulary):
      // Line numbers are the ids, so a vocabulary with gaps is in tokenizer.json only.
      if vocabulary.count == vocabulary.idBound { try write("vocab.txt", Self.vocabularyText(vocabulary)) }
    }
  }

  private static func document(_ value: TokenizerJSON) -> [UInt8] {
    var writer = JSONWriter()
    writer.append(value)
    return writer.bytes + [0x0A]
  }

  // MARK: Small files

  /// The configuration as it was read, with the class and the tokens spelled out.
  private func tokenizerConfig() -> TokenizerJSON {
    var config = settings.config
    let writtenClass = config["tokenizer_class"]?.text
    if writtenClass == nil || kind != .asWritten { config.set("tokenizer_class", to: .string(kind.rawValue)) }
    for (name, token) in settings.named where TokenizerSettings.standardNames.contains(name) {
      config.set(name, to: .string(token.content))
    }
    let decoder = added.tokens.map {
      TokenizerJSON.Member(key: String($0.id), value: .object(Self.flags($0.token)))
    }
    config.set("added_tokens_decoder", to: .object(decoder))
    if config["model_max_length"] == nil, let modelMaxLength {
      config.set("model_max_length", to: .number(String(modelMaxLength)))
    }
    return config
  }

  private func specialTokensMap() -> TokenizerJSON {
    var members = settings.named.map { TokenizerJSON.Member(key: $0.name, value: .string($0.token.content)) }
    if !settings.extra.isEmpty {
      let tokens = TokenizerJSON.array(settings.extra.map { .string($0.content) })
      members.append(.init(key: "additional_special_tokens", value: tokens))
    }
    return .object(members)
  }

  private static func flags(_ token: AddedToken) -> [TokenizerJSON.Member] {
    [
      .init(key: "content", value: .string(token.content)),
      .init(key: "single_word", value: .bool(token.singleWord)),
      .init(key: "lstrip", value: .bool(token.lstrip)),
      .init(key: "rstrip", value: .bool(token.rstrip)),
      .init(key: "normalized", value: .bool(token.normalized)),
      .init(key: "special", value: .bool(token.special)),
    ]
  }

  // MARK: Vocabularies

  private func tokenizerJSON() -> [UInt8] {
    let tokens = added.tokens.map { entry in
      TokenizerJSON.object([.init(key: "id", value: .number(String(entry.id)))] + Self.flags(entry.token))
    }
    let sections: [(StaticString, TokenizerJSON)] = [
      ("version", .string("1.0")), ("truncation", file.truncation), ("padding", file.padding),
      ("added_tokens", .array(tokens)), ("normalizer", file.normalizer), ("pre_tokenizer", file.preTokenizer),
      ("post_processor", file.postProcessor), ("decoder", file.decoder),
    ]
    var writer = JSONWriter()
    writer.append("{")
    for (name, value) in sections {
      Self.begin(member: name, level: 1, &writer)
      writer.append(value, level: 1)
      writer.append(",")
    }
    Self.begin(member: "model", level: 1, &writer)
    writer.append("{")
    for member in file.modelOptions.members {
      writer.newLine(2)
      writer.append(string: member.key.utf8)
      writer.append(": ")
      writer.append(member.value, level: 2)
      writer.append(",")
    }
    Self.begin(member: "vocab", level: 2, &writer)
    Self.append(file.vocabulary, level: 2, &writer)
    if case .bpe(let vocabulary, let merges) = file.model {
      writer.append(",")
      Self.begin(member: "merges", level: 2, &writer)
      // Pairs as lists are unknown to older readers, but needed where "a b" would be read wrongly.
      let asPairs = Self.hasSpaces(vocabulary)
      writer.list("[", "]", 0..<merges.count, level: 2) { writer, rank in
        let (left, right) = merges.pair(rank)
        guard asPairs else { return writer.append(string: Self.spelling((left, right), vocabulary)) }
        writer.append("[")
        writer.append(string: vocabulary.token(left) ?? [])
        writer.append(", ")
        writer.append(string: vocabulary.token(right) ?? [])
        writer.append("]")
      }
    }
    writer.newLine(1)
    writer.append("}")
    writer.newLine(0)
    writer.append("}")
    return writer.bytes + [0x0A]
  }

  private static func hasSpaces(_ vocabulary: Vocabulary) -> Bool {
    vocabulary.ids.contains { vocabulary.token($0)?.contains { $0 == 0x20 || $0 == 0x0A } ?? false }
  }

  private static func begin(member name: StaticString, level: Int, _ writer: inout JSONWriter) {
    writer.newLine(level)
    writer.append("\"")
    writer.append(name)
    writer.append("\": ")
  }

  private static func append(_ vocabulary: Vocabulary, level: Int, _ writer: inout JSONWriter) {
    writer.list("{", "}", vocabulary.ids, level: level) { writer, id in
      writer.append(string: vocabulary.token(id) ?? [])
      writer.append(": ")
      writer.append(id)
    }
  }

  private static func vocabularyJSON(_ vocabulary: Vocabulary) -> [UInt8] {
    var writer = JSONWriter()
    append(vocabulary, level: 0, &writer)
    return writer.bytes + [0x0A]
  }

  private static func vocabularyText(_ vocabulary: Vocabulary) -> [UInt8] {
    var text: [UInt8] = []
    for id in vocabulary.ids { text += (vocabulary.token(id) ?? []) + [0x0A] }
    return text
  }

  private static func mergesText(_ vocabulary: Vocabulary, _ merges: MergeTable) -> [UInt8] {
    var text = Array("#version: 0.2\n".utf8)
    for rank in 0..<merges.count { text += spelling(merges.pair(rank), vocabulary) + [0x0A] }
    return text
  }

  private static func spelling(_ pair: (left: Int, right: Int), _ vocabulary: Vocabulary) -> [UInt8] {
    (vocabulary.token(pair.left) ?? []) + [0x20] + (vocabulary.token(pair.right) ?? [])
  }
}
