import VignetteFiles

/// The `model` section of a tokenizer.json while it is read: merges may come before the vocabulary that they name.
struct ModelParts {
  private(set) var options: JSONObject = [:]
  private var vocabulary: Vocabulary?
  /// Pairs of tokens, each pair as two entries.
  private var merges: MergeList?

  init() {}

  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    try cursor.members { (cursor, key) throws(JSONFault) in
      switch key {
      case "vocab": vocabulary = try Vocabulary(&cursor)
      case "merges": merges = try MergeList(&cursor)
      default: options[key.string] = try cursor.value()
      }
    }
  }

  func model(file: String) throws -> TokenizerFile.Model {
    guard let vocabulary else {
      throw TokenizerError.invalid(file: file, problem: "model.vocab is missing")
    }
    // Old files leave the type to be guessed.
    let guess = merges != nil ? "BPE" : options["max_input_chars_per_word"] != nil ? "WordPiece" : nil
    switch options["type"]?.asString ?? guess {
    case "BPE":
      guard let merges else { throw TokenizerError.invalid(file: file, problem: "model.merges is missing") }
      return .bpe(vocabulary, try merges.table(vocabulary, file: file))
    case "WordPiece": return .wordPiece(vocabulary)
    case let type:
      throw TokenizerError.unsupported(file: file, feature: "the model \(type ?? "without a type")")
    }
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
