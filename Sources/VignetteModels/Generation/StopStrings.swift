import VignetteFiles

/// What tokens add to a text, in UTF-8; a character may be spread over several tokens.
///
/// Models know no tokenizer: whoever has one gives them this.
public struct TokenText: Sendable {
  /// One more than the largest id.
  let idBound: Int
  private let bytes: @Sendable (Int) -> [UInt8]?

  /// - Parameter bytes: what the token with an id adds to a text that stands before it; nil for an id without a token.
  public init(idBound: Int, bytes: @escaping @Sendable (_ tokenID: Int) -> [UInt8]?) {
    self.idBound = idBound
    self.bytes = bytes
  }

  subscript(id: Int) -> [UInt8]? { (0..<idBound).contains(id) ? bytes(id) : nil }
}

/// Ends captions with a token that completes one of some texts, whatever it adds behind (`StopStringCriteria`).
///
/// Transformers computes tables of all tokens beforehand, since its tensors can't compare texts; comparing backwards
/// from the caption's end, token by token, says the same.
package struct StopStrings: StoppingCriterion {
  private let texts: [[UInt8]]
  private let tokenText: TokenText
  /// The number of tokens that are looked at: a text has no more than bytes.
  private let maximumTokens: Int
  package var reason: StopReason { .stopString }

  /// - Parameter texts: one at least, none empty.
  /// - Throws: `SettingError` where no token ends any of the texts.
  package init(_ texts: [String], _ tokenText: TokenText) throws {
    self.texts = texts.map { Array($0.utf8) }
    self.tokenText = tokenText
    maximumTokens = self.texts.map(\.count).max() ?? 0
    let all = self.texts
    guard
      (0..<tokenText.idBound).contains(where: { id in
        tokenText[id].map { token in all.contains { !Self.overlaps(of: $0, with: token).isEmpty } } ?? false
      })
    else {
      throw SettingError(
        "stop_strings",
        "must hold a text that captions can have, but no token of the vocabulary ends one of them")
    }
  }

  package func ends(_ step: CaptionStep) -> Bool {
    guard let token = tokenText[step.tokenID] else { return false }
    return texts.contains { text in
      Self.overlaps(of: text, with: token).contains { reaches(text, step.prefix, matched: $0) }
    }
  }

  /// Whether the tokens before the last one hold what is lacking of a text of whose end `matched` bytes are found.
  private func reaches(_ text: [UInt8], _ prefix: [Int], matched: Int) -> Bool {
    var matched = matched
    var tokens = prefix.suffix(maximumTokens - 1)
    while matched < text.count {
      guard let id = tokens.popLast(), let token = tokenText[id] else { return false }
      let rest = text.dropLast(matched)
      let common = min(token.count, rest.count)
      guard token.suffix(common).elementsEqual(rest.suffix(common)) else { return false }
      matched += token.count
    }
    return true
  }

  /// How many bytes of a text's end the last token can hold: each end of an occurrence, which may begin before the
  /// token.
  private static func overlaps(of text: [UInt8], with token: [UInt8]) -> [Int] {
    token.indices.compactMap { last in
      guard token[last] == text.last else { return nil }
      let length = min(last + 1, text.count)
      return token[(last + 1 - length)...last].elementsEqual(text.suffix(length)) ? length : nil
    }
  }
}
