import VignetteFiles

/// A token that is found in text as a whole, before the model sees it.
package struct AddedToken: Sendable {
  package var content: String
  /// Whether `decode` leaves it out when special tokens are skipped.
  package var special = false
  /// Whether the white space to its left belongs to it.
  package var lstrip = false
  /// Whether the white space to its right belongs to it.
  package var rstrip = false
  /// Whether it is found only between characters that belong to no word.
  package var singleWord = false
  /// Whether it is looked for after normalisation, itself normalised.
  package var normalized = true

  /// A token given by name only.
  package init(special content: String) {
    self.content = content
    special = true
    normalized = false
  }

  /// A token as Hugging Face's files describe it; nil where there is no content.
  ///
  /// - Throws: `JSONError` for a member of a wrong type.
  init?(_ field: JSONField) throws {
    guard case .object(let members)? = try field.optional(as: JSONValue.self), members["content"] != nil
    else {
      return nil
    }
    content = try field["content"].value()
    special = try field["special"].value(default: false)
    lstrip = try field["lstrip"].value(default: false)
    rstrip = try field["rstrip"].value(default: false)
    singleWord = try field["single_word"].value(default: false)
    normalized = try field["normalized"].value(default: !special)
  }

  package var utf8: [UInt8] { Array(content.utf8) }
}

extension AddedToken: Equatable {
  /// Byte for byte, unlike Swift strings.
  package static func == (a: AddedToken, b: AddedToken) -> Bool {
    a.hasContent(b.content) && a.special == b.special && a.lstrip == b.lstrip && a.rstrip == b.rstrip
      && a.singleWord == b.singleWord && a.normalized == b.normalized
  }

  package func hasContent(_ other: String) -> Bool {
    content.utf8.elementsEqual(other.utf8)
  }
}

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
        token.normalized
        ? content.withUnsafeBufferPointer { model.normalized($0, leading: 0)?.bytes } ?? content : content
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

  func token(_ id: Int) -> AddedToken? { tokens.first { $0.id == id }?.token }

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
      let leading = segment.range.lowerBound == 0 ? UTF8Bytes.scalar(part, at: 0).length : 0
      if let part = model.normalized(part, leading: leading) {
        part.bytes.withUnsafeBufferPointer {
          encode(normalized: $0, leading: leading > 0 ? part.leading : 0, model, into: &ids)
        }
      } else {
        encode(normalized: part, leading: leading, model, into: &ids)
      }
    }
  }

  private func encode(
    normalized text: UnsafeBufferPointer<UInt8>, leading: Int, _ model: any TokenizerModel,
    into ids: inout [Int]
  ) {
    if normalized.isEmpty { return model.encode(text, leading: leading, into: &ids) }
    for segment in normalized.segments(of: text) {
      if let id = segment.id {
        ids.append(id)
      } else {
        model.encode(
          UnsafeBufferPointer(rebasing: text[segment.range]),
          leading: leading - segment.range.lowerBound, into: &ids)
      }
    }
  }
}
