import Foundation
import VignetteFiles

/// Writing a tokenizer as Transformers does.
extension PretrainedTokenizer {
  func save(to folder: URL) throws {
    try FolderMaker.make(folder)
    func write(_ name: String, _ bytes: [UInt8]) throws {
      try AtomicFile.write(bytes, to: folder.appendingPathComponent(name))
    }
    if kind != .bertJapanese { try write("tokenizer.json", tokenizerJSON()) }
    try write("tokenizer_config.json", Self.document(tokenizerConfig()))
    try write("special_tokens_map.json", Self.document(specialTokensMap()))
    switch file.model {
    case .bpe(let vocabulary, let merges):
      // merges.txt separates by spaces.
      if Self.hasSpaces(vocabulary) { return }
      try write("vocab.json", Self.document { $0.append(vocabulary: vocabulary) })
      try write("merges.txt", Self.mergesText(vocabulary, merges))
    case .wordPiece(let vocabulary):
      // Line numbers are the ids, so a vocabulary with gaps is in tokenizer.json only.
      if vocabulary.count == vocabulary.idBound { try write("vocab.txt", Self.vocabularyText(vocabulary)) }
    case .characters(let vocabulary): try write("vocab.txt", Self.vocabularyText(vocabulary))
    case .unigram: break
    }
  }

  /// `json.dumps(…, indent=2, ensure_ascii=False)`.
  private static let format = JSONFormat(indent: 2, sortsKeys: false, escapesNonASCII: false)

  private static func document(_ object: JSONObject) -> [UInt8] {
    document { $0.append(.object(object)) }
  }

  private static func document(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(format)
    write(&writer)
    return writer.utf8 + [0x0A]
  }

  // MARK: Small files

  /// The configuration as it was read, with the class and the tokens spelled out.
  private func tokenizerConfig() -> JSONObject {
    var config = settings.config
    let writtenClass = config["tokenizer_class"]?.asString
    if writtenClass == nil || kind != .asWritten { config["tokenizer_class"] = .string(kind.rawValue) }
    for (name, token) in settings.named where TokenizerSettings.standardNames.contains(name) {
      config[name] = .string(token.content)
    }
    config["added_tokens_decoder"] = .object(
      JSONObject(added.tokens.map { (String($0.id), JSONValue.object(Self.flags($0.token))) }))
    // Where the list is missing, the class adds tokens that a `.model` file doesn't have.
    if SentencePieceClass(kind) != nil, config["extra_special_tokens"]?.asArray == nil {
      config["additional_special_tokens"] = nil
      config["extra_special_tokens"] = .array(settings.extra.map { .string($0.content) })
    }
    if config["model_max_length"] == nil, let modelMaxLength {
      config["model_max_length"] = .int(modelMaxLength)
    }
    return config
  }

  private func specialTokensMap() -> JSONObject {
    var map = JSONObject(settings.named.map { ($0.name, JSONValue.string($0.token.content)) })
    if !settings.extra.isEmpty {
      map["additional_special_tokens"] = .array(settings.extra.map { .string($0.content) })
    }
    return map
  }

  private static func flags(_ token: AddedToken) -> JSONObject {
    [
      "content": .string(token.content), "single_word": .bool(token.singleWord),
      "lstrip": .bool(token.lstrip), "rstrip": .bool(token.rstrip), "normalized": .bool(token.normalized),
      "special": .bool(token.special),
    ]
  }

  // MARK: Vocabularies

  private func tokenizerJSON() -> [UInt8] {
    let tokens = added.tokens.map { id, token in
      var object: JSONObject = ["id": .int(id)]
      for (key, value) in Self.flags(token) { object[key] = value }
      return JSONValue.object(object)
    }
    let sections: JSONObject = [
      "version": "1.0", "truncation": file.truncation, "padding": file.padding,
      "added_tokens": .array(tokens), "normalizer": file.normalizer, "pre_tokenizer": file.preTokenizer,
      "post_processor": file.postProcessor, "decoder": file.decoder,
    ]
    return Self.document { writer in
      writer.object { writer in
        writer.appendMembers(of: sections)
        writer.key("model")
        writer.object { writer in
          writer.appendMembers(of: file.modelOptions)
          writer.key("vocab")
          if case .unigram(let vocabulary) = file.model {
            writer.append(vocabulary: vocabulary)
          } else {
            writer.append(vocabulary: file.vocabulary)
          }
          if case .bpe(let vocabulary, let merges) = file.model {
            writer.key("merges")
            Self.append(merges, vocabulary, &writer)
          }
        }
      }
    }
  }

  private static func append(_ merges: MergeTable, _ vocabulary: Vocabulary, _ writer: inout JSONWriter) {
    // Pairs as lists are unknown to older readers, but needed where "a b" would be read wrongly.
    let asPairs = hasSpaces(vocabulary)
    writer.array { writer in
      for rank in 0..<merges.count {
        let pair = merges.pair(rank)
        writer.element()
        guard asPairs else {
          writer.append(utf8: spelling(pair, vocabulary)[...])
          continue
        }
        writer.array { writer in
          for id in [pair.left, pair.right] {
            writer.element()
            writer.append(utf8: vocabulary.token(id) ?? [])
          }
        }
      }
    }
  }

  private static func hasSpaces(_ vocabulary: Vocabulary) -> Bool {
    vocabulary.ids.contains { vocabulary.token($0)?.contains { $0 == 0x20 || $0 == 0x0A } ?? false }
  }

  private static func vocabularyText(_ vocabulary: Vocabulary) -> [UInt8] {
    var text: [UInt8] = []
    for id in 0..<vocabulary.idBound { text += (vocabulary.token(id) ?? []) + [0x0A] }
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

extension JSONWriter {
  fileprivate mutating func appendMembers(of object: JSONObject) {
    for (key, value) in object {
      self.key(key)
      append(value)
    }
  }

  fileprivate mutating func append(vocabulary: Vocabulary) {
    object { writer in
      for id in vocabulary.ids {
        writer.key(utf8: vocabulary.token(id) ?? [])
        writer.append(id)
      }
    }
  }

  fileprivate mutating func append(vocabulary: UnigramVocabulary) {
    array { writer in
      for (id, score) in vocabulary.scores.enumerated() {
        writer.element()
        writer.array { writer in
          writer.element()
          writer.append(utf8: vocabulary.tokens.token(id) ?? [])
          writer.element()
          writer.append(.double(score))
        }
      }
    }
  }
}
