import Foundation
import VignetteFiles

/// What a tokenizer.json holds. It is also what the older file layouts are brought into.
struct TokenizerFile: Sendable {
  enum Model: Sendable {
    case bpe(Vocabulary, MergeTable)
    case wordPiece(Vocabulary)
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

  var vocabulary: Vocabulary {
    switch model {
    case .bpe(let vocabulary, _), .wordPiece(let vocabulary): vocabulary
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
    addedTokens = try Self.addedTokens(sections["added_tokens"] ?? .null, vocabulary, file)
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
    _ value: JSONValue, _ vocabulary: Vocabulary, _ file: String
  ) throws -> [AddedToken] {
    var claims = AddedTokenClaims(vocabulary: vocabulary, file: file)
    return try (value.asArray ?? []).map { entry in
      guard let token = AddedToken(entry) else {
        throw TokenizerError.invalid(file: file, problem: "added_tokens has an entry without \"content\"")
      }
      try claims.add(token.content, id: entry["id"]?.asInt)
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
