import Foundation

/// A caption as the rules of the Penn Treebank tokenizer read it.
struct PTBText {
  let scalars: [Unicode.Scalar]
  let classes: [PTBCharacter]

  /// Where the last `@` stands; −1 if there is none.
  let lastAtSign: Int

  /// How many of the characters are the caption's own; what follows is only looked at.
  let count: Int

  /// - Parameter next: the caption on the next line.
  init(_ text: String, before next: String? = nil) {
    var scalars = Array(PTBEntities.replacingMarkup(in: text).unicodeScalars)
    for index in scalars.indices where scalars[index] == "\n" { scalars[index] = " " }
    count = scalars.count
    if let next {
      scalars.append("\n")
      let words = next.unicodeScalars.drop { $0.isSpace }.prefix { !$0.isSpace }
      scalars += words
      scalars.append(" ")
    }
    self.scalars = scalars
    lastAtSign = scalars.lastIndex(of: "@") ?? -1
    classes = scalars.map(PTBCharacter.classify)
  }

  /// The character at a position; a line feed beyond the end.
  subscript(index: Int) -> Unicode.Scalar {
    index < scalars.count ? scalars[index] : "\n"
  }

  /// The class of the character at a position; space beyond the end.
  func kind(_ index: Int) -> PTBCharacter {
    index < classes.count ? classes[index] : .space
  }

  /// The end of the run of characters from `start` on that satisfy `condition`.
  func run(from start: Int, while condition: (Unicode.Scalar) -> Bool) -> Int {
    var end = start
    while end < scalars.count, condition(scalars[end]) { end += 1 }
    return end
  }

  /// The end of a run of letters, marks and digits from `start` on.
  func wordEnd(from start: Int) -> Int {
    var end = start
    while kind(end) == .letter || kind(end) == .mark || kind(end) == .digit { end += 1 }
    return end
  }

  /// The end of a run of letters and digits from `start` on.
  func alphanumericEnd(from start: Int) -> Int {
    var end = start
    while kind(end) == .letter || kind(end) == .digit { end += 1 }
    return end
  }

  /// The end of a run of digits from `start` on, of at most `limit`.
  func digitsEnd(from start: Int, limit: Int = .max) -> Int {
    var end = start
    while end - start < limit, kind(end) == .digit { end += 1 }
    return end
  }

  /// Whether the text from `start` on begins with `word`, which is in lower case, in any case.
  func matches(_ word: StaticString, at start: Int) -> Bool {
    word.withUTF8Buffer { bytes in
      for (offset, byte) in bytes.enumerated() where self[start + offset].asciiLowercased != UInt32(byte) {
        return false
      }
      return true
    }
  }

  /// Whether an apostrophe stands at a position, straight or curly.
  func isApostrophe(_ index: Int) -> Bool {
    let scalar = self[index]
    return scalar == "'" || scalar == "\u{2019}" || scalar == "\u{92}"
  }
}

extension Unicode.Scalar {
  /// The character's number, with ASCII capitals in lower case.
  var asciiLowercased: UInt32 {
    ("A"..."Z").contains(self) ? value | 0x20 : value
  }

  var isASCIILetter: Bool { ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
  var isASCIIDigit: Bool { ("0"..."9").contains(self) }
  var isASCIIAlphanumeric: Bool { isASCIILetter || isASCIIDigit }
}

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
