import Foundation
import VignetteFiles

/// What a tokenizer.json holds. It is also what the older file layouts are brought into.
struct TokenizerFile: Sendable {
  enum Model: Sendable {
    case bpe(Vocabulary, MergeTable)
    case wordPiece(Vocabulary)
    case unigram(UnigramVocabulary)
    /// In a vocab.txt only.
    case characters(Vocabulary)
  }

  var addedTokens: [AddedToken] = []
  var model: Model
  /// The model's members other than `vocab` and `merges`.
  var modelOptions: JSONObject = [:]
  var normalizer = JSONValue.null
  var preTokenizer = JSONValue.null
  var postProcessor = JSONValue.null
  var decoder = JSONValue.null
  /// Kept for writing the file again; encoding neither truncates nor pads.
  var truncation = JSONValue.null
  var padding = JSONValue.null
  /// The control and user-defined pieces of a SentencePiece model; nil for other files.
  var pieceTokens: [AddedToken]?

  var vocabulary: Vocabulary {
    switch model {
    case .bpe(let vocabulary, _), .wordPiece(let vocabulary), .characters(let vocabulary): vocabulary
    case .unigram(let vocabulary): vocabulary.tokens
    }
  }
}

extension TokenizerFile {
  /// Reads a tokenizer.json.
  init(contentsOf url: URL) throws {
    let file = url.path
    var sections: JSONObject = [:]
    var parts = ModelParts()
    try FileBytes.readJSON(url) { (cursor) throws(JSONFault) in
      try cursor.members { (cursor, key) throws(JSONFault) in
        if "model" ~= key {
          parts = try ModelParts(&cursor)
        } else {
          sections[key.string] = try cursor.value()
        }
      }
    }
    self.init(model: try parts.model(file: file))
    modelOptions = parts.options
    let tokens = JSONField(.object(sections), file: file)["added_tokens"]
    addedTokens = try Self.addedTokens(tokens, vocabulary)
    normalizer = sections["normalizer"] ?? .null
    preTokenizer = sections["pre_tokenizer"] ?? .null
    postProcessor = sections["post_processor"] ?? .null
    decoder = sections["decoder"] ?? .null
    truncation = sections["truncation"] ?? .null
    padding = sections["padding"] ?? .null
  }

  private init(model: Model) { self.model = model }

  /// A tokenizer made of a vocabulary in files of its own.
  init(vocabularyOnly model: Model) { self.init(model: model) }

  private static func addedTokens(
    _ field: JSONField, _ vocabulary: Vocabulary
  ) throws -> [AddedToken] {
    guard field.isPresent else { return [] }
    var claims = AddedTokenClaims(vocabulary: vocabulary, file: field.file)
    return try field.elements().map { entry in
      guard let token = try AddedToken(entry) else {
        throw TokenizerError.invalid(
          file: field.file, problem: "added_tokens has an entry without \"content\"")
      }
      try claims.add(token.content, id: try entry["id"].optional())
      return token
    }
  }
}

/// Refuses added tokens that contradict each other or the vocabulary about an id.
struct AddedTokenClaims {
  private let vocabulary: Vocabulary
  private let file: String
  private var holders: [Int: String] = [:]

  init(vocabulary: Vocabulary, file: String) {
    self.vocabulary = vocabulary
    self.file = file
  }

  mutating func add(_ content: String, id: Int?) throws {
    guard let id, (0...Vocabulary.maximumID).contains(id) else {
      throw TokenizerError.invalid(
        file: file, problem: "the added token \"\(content)\" has no id from 0 to \(Vocabulary.maximumID)")
    }
    let holder = vocabulary.token(id).map { String(decoding: $0, as: UTF8.self) } ?? holders[id]
    if let holder, !holder.utf8.elementsEqual(content.utf8) {
      throw TokenizerError.invalid(
        file: file,
        problem: "the added token \"\(content)\" has the id \(id), which \"\(holder)\" has already")
    }
    holders[id] = content
  }
}

/// The `model` section of a tokenizer.json while it is read: merges may come before the vocabulary that they name.
struct ModelParts {
  private(set) var options: JSONObject = [:]
  private var vocabulary: Vocabulary?
  private var unigramVocabulary: UnigramVocabulary?
  /// Pairs of tokens, each pair as two entries.
  private var merges: MergeList?

  init() {}

  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    try cursor.members { (cursor, key) throws(JSONFault) in
      switch key {
      case "vocab":
        if cursor.peek() == UInt8(ascii: "[") {
          unigramVocabulary = try UnigramVocabulary(&cursor)
        } else {
          vocabulary = try Vocabulary(&cursor)
        }
      case "merges": merges = try MergeList(&cursor)
      default: options[key.string] = try cursor.value()
      }
    }
  }

  func model(file: String) throws -> TokenizerFile.Model {
    guard vocabulary != nil || unigramVocabulary != nil else {
      throw TokenizerError.invalid(file: file, problem: "model.vocab is missing")
    }
    // Old files leave the type to be guessed.
    let guess =
      merges != nil
      ? "BPE"
      : unigramVocabulary != nil
        ? "Unigram"
        : options["max_input_chars_per_word"] != nil ? "WordPiece" : nil
    let type: String? = try JSONField(.object(["model": .object(options)]), file: file)["model"]["type"]
      .optional()
    switch type ?? guess {
    case "BPE":
      let vocabulary = try required(vocabulary, "an object, found a list", file)
      guard let merges else { throw TokenizerError.invalid(file: file, problem: "model.merges is missing") }
      return .bpe(vocabulary, try merges.table(vocabulary, file: file))
    case "WordPiece": return .wordPiece(try required(vocabulary, "an object, found a list", file))
    case "Unigram": return .unigram(try required(unigramVocabulary, "a list, found an object", file))
    case let type:
      throw TokenizerError.unsupported(file: file, feature: "the model \(type ?? "without a type")")
    }
  }

  private func required<Value>(_ vocabulary: Value?, _ expected: String, _ file: String) throws -> Value {
    guard let vocabulary else {
      throw TokenizerError.invalid(file: file, problem: "model.vocab: expected \(expected)")
    }
    return vocabulary
  }
}

extension Vocabulary {
  /// Reads an object of token → id.
  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    self.init(capacity: 1 << 16)
    try cursor.members { (cursor, token) throws(JSONFault) in
      let id = Int32(try cursor.integer(in: 0...Self.maximumID))
      try token.withBytes { (bytes) throws(JSONFault) in
        do throws(Conflict) {
          try insert(bytes, id: id)
        } catch {
          throw cursor.fault(error.explanation(token: token.string, id: id))
        }
      }
    }
  }
}

extension Vocabulary.Conflict {
  func explanation(token: String, id: Int32) -> String {
    switch self {
    case .repeatedToken: "the vocabulary has the token \"\(token)\" twice, again"
    case .repeatedID(let holder): "the vocabulary gives the id \(id) to \"\(holder)\" and to \"\(token)\","
    }
  }
}
