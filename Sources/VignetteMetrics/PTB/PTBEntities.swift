import Foundation

/// Character references of HTML that the tokenizer reads as the characters they stand for.
enum PTBEntities {
  /// The text with the references to an apostrophe, an ampersand and a hard space replaced; the others
  /// are tokens.
  static func replacingMarkup(in text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "&")) else { return text }
    return
      text
      .replacingOccurrences(of: "&apos;", with: "'", options: .caseInsensitive)
      .replacingOccurrences(of: "&amp;", with: "&", options: .caseInsensitive)
      .replacingOccurrences(of: "&nbsp;", with: "\u{A0}", options: .caseInsensitive)
  }
}
