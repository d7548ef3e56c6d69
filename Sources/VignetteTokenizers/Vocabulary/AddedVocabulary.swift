/// The added tokens of a tokenizer and their ids.
package struct AddedVocabulary: Sendable {
  /// By id, ascending.
  package private(set) var tokens: [(id: Int, token: AddedToken)] = []
  private var idOfContent: [[UInt8]: Int] = [:]
  /// What each id decodes to: the normalised content of a token that is looked for normalised.
  private var decodedOfID: [Int: [UInt8]] = [:]
  private var specialContents: Set<[UInt8]> = []
  private var raw = TokenMatcher()
  private var normalized = TokenMatcher()

  /// - Parameters:
  ///   - tokens: in the order in which they get ids. A token that the vocabulary has keeps its id there; the others
  ///     follow the vocabulary. An id in the file doesn't count, as it doesn't for `tokenizers`. Of two tokens
  ///     with one content the later replaces the flags of the earlier.
  ///   - splitsSpecial: whether special tokens in text are taken for plain text.
  package init(_ tokens: [AddedToken], model: any TokenizerModel, splitsSpecial: Bool) {
    var tokenOfID: [Int: AddedToken] = [:]
    var nextID = model.vocabulary.count
    for token in tokens where !token.content.isEmpty {
      let content = token.utf8
      if token.special { specialContents.insert(content) }
      let id = idOfContent[content] ?? model.vocabulary.id(of: content).map { Int($0) } ?? nextID
      nextID = max(nextID, id + 1)
      idOfContent[content] = id
      tokenOfID[id] = token
    }
    self.tokens = tokenOfID.map { ($0.key, $0.value) }.sorted { $0.id < $1.id }
    for (id, token) in self.tokens {
      let content = token.utf8
      let pattern =
        token.normalized ? content.withUnsafeBufferPointer { model.normalized($0) } ?? content : content
      decodedOfID[id] = pattern
      if splitsSpecial, isSpecial(content) { continue }
      if token.normalized {
        normalized.insert(token, bytes: pattern, id: id)
      } else {
        raw.insert(token, bytes: pattern, id: id)
      }
    }
    raw.sort()
    normalized.sort()
  }

  package func id(of content: some Sequence<UInt8>) -> Int? { idOfContent[Array(content)] }

  package func content(_ id: Int) -> [UInt8]? { decodedOfID[id] }

  /// Whether `decode` leaves out a token when special tokens are skipped.
  package func isSpecial(_ content: some Sequence<UInt8>) -> Bool { specialContents.contains(Array(content)) }

  /// Appends the ids of text: of the added tokens in it, and of what lies between as `model` encodes it.
  func encode(_ text: UnsafeBufferPointer<UInt8>, _ model: any TokenizerModel, into ids: inout [Int]) {
    for segment in raw.segments(of: text) {
      if let id = segment.id {
        ids.append(id)
        continue
      }
      let part = UnsafeBufferPointer(rebasing: text[segment.range])
      if let part = model.normalized(part) {
        part.withUnsafeBufferPointer { encode(normalized: $0, model, into: &ids) }
      } else {
        encode(normalized: part, model, into: &ids)
      }
    }
  }

  private func encode(
    normalized text: UnsafeBufferPointer<UInt8>, _ model: any TokenizerModel, into ids: inout [Int]
  ) {
    if normalized.isEmpty { return model.encode(text, into: &ids) }
    for segment in normalized.segments(of: text) {
      if let id = segment.id {
        ids.append(id)
      } else {
        model.encode(UnsafeBufferPointer(rebasing: text[segment.range]), into: &ids)
      }
    }
  }
}
