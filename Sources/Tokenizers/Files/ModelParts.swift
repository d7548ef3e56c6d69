/// The `model` section of a tokenizer.json while it is read: merges may come before the vocabulary that they name.
struct ModelParts {
  private(set) var options: [TokenizerJSON.Member] = []
  private var vocabulary: Vocabulary?
  /// Pairs of tokens, each pair as two entries.
  private var merges: MergeList?

  init() {}

  init(_ reader: inout JSONReader) throws {
    try reader.members { reader, key in
      switch key {
      case "vocab": vocabulary = try Vocabulary(&reader)
      case "merges": merges = try MergeList(&reader)
      default: options.append(.init(key: key, value: try reader.value()))
      }
    }
  }

  func model(file: String) throws -> TokenizerFile.Model {
    let members = TokenizerJSON.object(options)
    guard let vocabulary else {
      throw TokenizerError.invalid(file: file, problem: "model.vocab is missing")
    }
    // Old files leave the type to be guessed.
    let guess = merges != nil ? "BPE" : members["max_input_chars_per_word"] != nil ? "WordPiece" : nil
    switch members["type"]?.text ?? guess {
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
  init(_ reader: inout JSONReader) throws {
    self.init(capacity: 1 << 16)
    guard reader.peek() == UInt8(ascii: "{") else {
      throw reader.problem("the vocabulary is no object of token and id")
    }
    try reader.rawMembers { reader, token in
      let id = try reader.tokenID()
      do throws(Conflict) {
        try insert(token, id: id)
      } catch {
        throw reader.problem(error.explanation(token: String(decoding: token, as: UTF8.self), id: id))
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
