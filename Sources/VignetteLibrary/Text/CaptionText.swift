import Foundation
import VignetteFiles

/// What is done to a caption's text before it is written down: filler stripped, the first letter made large, the text cut
/// to a length, words put before and behind it, in this order.
///
/// A character is what a reader takes for one (a grapheme cluster): none is ever cut apart.
///
///     var rules = CaptionText()
///     rules.fillers = ["an image of"]
///     rules.isSentence = true
///     rules.applied(to: "an image of a dog")  // "A dog"
package struct CaptionText: Sendable, Equatable {
  /// Put before the text as it stands, with its own space.
  package var prefix = ""
  /// Put behind it.
  package var suffix = ""
  /// Beginnings that say nothing: "an image of". Letters may be large or small.
  package var fillers: [String] = []
  /// How many characters the whole text may have, prefix and suffix counted.
  package var maximumCharacters: Int?
  /// Whether the text begins with a large letter.
  package var isSentence = false

  package init() {}

  /// Whether texts stay as they are.
  package var isIdentity: Bool { self == CaptionText() }

  /// - Throws: `SettingError` where prefix and suffix leave no room.
  package func validate() throws {
    guard let maximumCharacters else { return }
    guard maximumCharacters > 0 else {
      throw SettingError("max_characters", "must be positive, but is \(maximumCharacters)")
    }
    guard prefix.count + suffix.count < maximumCharacters else {
      throw SettingError(
        "max_characters", "is \(maximumCharacters), which prefix and suffix take up alone")
    }
  }

  /// The text as it is written down.
  package func applied(to text: String) -> String {
    var body = Self.stripped(text.trimmingPrefix { $0.isWhitespace }, of: fillers)
    while body.last?.isWhitespace == true { body.removeLast() }
    if isSentence, prefix.isEmpty { body = Self.capitalized(body) }
    if let maximumCharacters {
      body = Self.cut(body, to: maximumCharacters - prefix.count - suffix.count)
    }
    return isSentence && !prefix.isEmpty ? Self.capitalized(prefix + body + suffix) : prefix + body + suffix
  }

  // MARK: Filler

  /// The text without the fillers that it begins with, one after the other: "a photo of" "a picture of" a dog.
  private static func stripped(_ text: Substring, of fillers: [String]) -> String {
    // Longer ones first: "a photo of the" before "a photo of".
    let fillers = fillers.map { words($0) }.filter { !$0.isEmpty }.sorted { $0.count > $1.count }
    var rest = text
    var isChanged = true
    while isChanged {
      isChanged = false
      for filler in fillers {
        guard let after = Self.rest(of: rest, after: filler), after.contains(where: { !$0.isWhitespace })
        else {
          continue
        }
        rest = after
        isChanged = true
        break
      }
    }
    return String(rest)
  }

  private static func words(_ text: some StringProtocol) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map { folded($0) }
  }

  private static func folded(_ text: some StringProtocol) -> String {
    String(text).lowercased()
  }

  /// What follows the filler's words at the text's beginning; nil where it begins otherwise. A word is matched whole:
  /// "an image of" doesn't begin "an image often seen".
  private static func rest(of text: Substring, after filler: [String]) -> Substring? {
    var rest = text
    for (index, word) in filler.enumerated() {
      let next = rest.prefix { !$0.isWhitespace }
      guard let end = end(of: word, in: next, isLast: index == filler.count - 1) else { return nil }
      rest = rest[end...].drop { $0.isWhitespace }
    }
    return rest.drop { $0.isWhitespace || $0 == "," || $0 == ":" || $0 == ";" }
  }

  /// Where the word ends in `next`, which it is but for the punctuation that may follow the filler's last word.
  private static func end(of word: String, in next: Substring, isLast: Bool) -> Substring.Index? {
    if folded(next) == word { return next.endIndex }
    guard isLast else { return nil }
    let bare = next.prefix { $0 != "," && $0 != ":" && $0 != ";" }
    return folded(bare) == word ? bare.endIndex : nil
  }

  // MARK: The first letter

  /// The text with its first character large, where that is a letter with a large form. Characters that only have several
  /// letters as their large form ("ß") stay.
  private static func capitalized(_ text: String) -> String {
    guard let first = text.first else { return text }
    let large = first.uppercased()
    return large.count == 1 ? large + text.dropFirst() : text
  }

  // MARK: Length

  /// The text's beginning of at most `limit` characters: whole sentences or clauses where they fill half of the room, else
  /// whole words, else characters.
  static func cut(_ text: String, to limit: Int) -> String {
    guard limit > 0 else { return "" }
    guard let end = text.index(text.startIndex, offsetBy: limit, limitedBy: text.endIndex),
      end < text.endIndex
    else { return text }
    var room = text[..<end]
    if let clause = clauseEnd(room, before: text[end]),
      2 * room.distance(from: room.startIndex, to: clause) >= limit
    {
      return trimmed(room[..<clause])
    }
    // The word that the limit cuts is left out; one that ends there stays.
    if !text[end].isWhitespace, !text[end].isPunctuation {
      guard let space = room.lastIndex(where: { $0.isWhitespace }) else { return trimmed(room) }
      room = room[..<space]
    }
    let words = trimmed(withoutLooseEnd(room))
    return words.isEmpty ? trimmed(text[..<end]) : words
  }

  /// Behind the last clause that ends in `room`: at a full stop and its like, which stays, or before a comma and its like.
  private static func clauseEnd(_ room: Substring, before next: Character) -> Substring.Index? {
    var end: Substring.Index?
    var index = room.startIndex
    while index < room.endIndex {
      let after = room.index(after: index)
      let follower = after < room.endIndex ? room[after] : next
      let character = room[index]
      if ".!?…".contains(character), follower.isWhitespace { end = after }
      if ",;:–—".contains(character), follower.isWhitespace { end = index }
      // No space follows these.
      if "。！？".contains(character) { end = after }
      if "，、；：".contains(character) { end = index }
      index = after
    }
    return end
  }

  /// Without the little words that wait for what was cut off: "a dog on the" is "a dog".
  private static func withoutLooseEnd(_ text: Substring) -> Substring {
    var text = text
    while let space = text.lastIndex(where: { $0.isWhitespace }) {
      let last = text[text.index(after: space)...].lowercased()
      guard last.isEmpty || looseWords.contains(last) else { return text }
      text = text[..<space]
    }
    return text
  }

  private static let looseWords: Set<String> = [
    "a", "an", "the", "and", "or", "of", "on", "in", "at", "to", "with", "by", "for", "from", "next", "is",
    "are",
    "that", "which", "while", "his", "her", "their", "its", "as", "into", "over", "under", "near", "behind",
  ]

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while let last = text.last, last.isWhitespace || ",;:–—-".contains(last) { text.removeLast() }
    return String(text)
  }
}
