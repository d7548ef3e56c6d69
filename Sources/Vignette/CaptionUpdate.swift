import Foundation
import VignetteTokenizers

/// What ``Captioner/tokens(of:generation:)-(ImageSourceConvertible,_)`` says of a caption in the making.
public enum CaptionUpdate: Sendable, Hashable {
  /// One more token.
  case token(CaptionToken)
  /// The whole caption, at the end.
  case caption(Caption)
}

/// A token that a caption goes on with.
public struct CaptionToken: Codable, Hashable, Sendable {
  public let tokenID: Int
  /// What it adds to the text: nothing where it is a special token, or the beginning of a character of several tokens.
  public let text: String
}

/// A text that grows by tokens.
struct StreamedText {
  private let tokenizer: any Tokenizer
  private var tokenIDs: [Int] = []
  private var text = ""

  init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  mutating func add(_ tokenID: Int) -> CaptionToken {
    tokenIDs.append(tokenID)
    let whole = tokenizer.decode(tokenIDs, skipSpecialTokens: true).trimmingCharacters(
      in: .whitespacesAndNewlines)
    // The bytes of a character that isn't whole yet, or a space that was taken back before a full stop.
    guard !whole.hasSuffix("\u{FFFD}"), whole.hasPrefix(text) else {
      return CaptionToken(tokenID: tokenID, text: "")
    }
    defer { text = whole }
    return CaptionToken(tokenID: tokenID, text: String(whole.dropFirst(text.count)))
  }
}
