import Foundation
public import VignetteModels
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
  /// The model's log-probability of it: how sure it was.
  public let logProbability: Float
  /// The likeliest tokens in its position, the likeliest first; empty where they weren't asked for.
  public let alternatives: [TokenLogProbability]
}

/// A text that grows by tokens.
struct StreamedText {
  private let tokenizer: any Tokenizer
  private var tokenIDs: [Int] = []
  private var text = ""

  init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  mutating func add(
    _ tokenID: Int, logProbability: Float, alternatives: [TokenLogProbability]
  ) -> CaptionToken {
    CaptionToken(
      tokenID: tokenID, text: addedText(tokenID), logProbability: logProbability, alternatives: alternatives)
  }

  private mutating func addedText(_ tokenID: Int) -> String {
    tokenIDs.append(tokenID)
    let whole = tokenizer.decode(tokenIDs, skipSpecialTokens: true).trimmingCharacters(
      in: .whitespacesAndNewlines)
    // The bytes of a character that isn't whole yet, or a space that was taken back before a full stop.
    guard !whole.hasSuffix("\u{FFFD}"), whole.hasPrefix(text) else { return "" }
    defer { text = whole }
    return String(whole.dropFirst(text.count))
  }
}
