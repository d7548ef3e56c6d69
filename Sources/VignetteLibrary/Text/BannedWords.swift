package import Vignette

/// Words that captions must not have, as the token ids that generation bans.
///
/// A word has as many spellings for a model as it has places in a text: behind a space or at the beginning, with small
/// letters, a large first one or all large. A tokenizer may know each by other tokens, so all are banned. A spelling of one
/// token bans that token, also inside of longer words that begin with it.
package enum BannedWords {
  /// The token sequences of all spellings of `words`, each once, in an order that depends on them alone.
  package static func tokenIDs(_ words: [String], _ tokenizer: any Tokenizer) -> [[Int]] {
    var seen: Set<[Int]> = []
    return words.flatMap { spellings($0) }.compactMap { spelling in
      let ids = tokenizer.encode(spelling, addSpecialTokens: false)
      guard !ids.isEmpty, !ids.contains(where: { $0 == tokenizer.unknownTokenID }), seen.insert(ids).inserted
      else {
        return nil
      }
      return ids
    }
  }

  private static func spellings(_ word: String) -> [String] {
    let bare = String(word.drop { $0.isWhitespace })
    guard let first = bare.first else { return [] }
    let forms = [bare, bare.lowercased(), first.uppercased() + bare.dropFirst(), bare.uppercased()]
    return forms.flatMap { [$0, " " + $0] }
  }
}
