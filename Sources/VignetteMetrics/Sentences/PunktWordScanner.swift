extension PunktToken {
  /// The words of a piece of text, split off from punctuation other than periods.
  static func tokens(in text: ArraySlice<Unicode.Scalar>) -> [PunktToken] {
    text.split(separator: "\n").flatMap { line in
      var tokens: [PunktToken] = []
      var rest = line
      while let start = rest.firstIndex(where: { !$0.isSpace }) {
        rest = rest[start...]
        let token = rest.prefix(wordLength(rest))
        tokens.append(PunktToken(token))
        rest = rest.dropFirst(token.count)
      }
      return tokens
    }
  }

  /// The length of the word that `text` begins with: dashes or dots, a word, or a single mark.
  private static func wordLength(_ text: ArraySlice<Unicode.Scalar>) -> Int {
    if let length = multiCharacterMark(text) { return length }
    guard let first = text.first, !PunktCharacters.notWordStart.contains(first) else { return 1 }
    var length = 1
    while !endsWord(text.dropFirst(length)) { length += 1 }
    return length
  }

  /// Whether a word that has begun ends before `rest`.
  private static func endsWord(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    if endsWordOrComma(rest) { return true }
    return rest.first == "," && endsWordOrComma(rest.dropFirst())
  }

  private static func endsWordOrComma(_ rest: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let next = rest.first else { return true }
    return next.isSpace || PunktCharacters.nonWord.contains(next) || multiCharacterMark(rest) != nil
  }

  /// The length of a run of two or more dashes or dots, or of three or more dots with single spaces
  /// between them.
  private static func multiCharacterMark(_ text: ArraySlice<Unicode.Scalar>) -> Int? {
    guard let first = text.first, first == "-" || first == "." else { return nil }
    let run = text.prefix { $0 == first }.count
    if run >= 2 { return run }
    guard first == "." else { return nil }
    var rest = text
    var pairs = 0
    while rest.first == ".", let space = rest.dropFirst().first, space.isSpace {
      pairs += 1
      rest = rest.dropFirst(2)
    }
    // The last dot needs no space after it; with one, it stands in for the last pair's.
    if rest.first == ".", pairs >= 2 { return pairs * 2 + 1 }
    return pairs >= 3 ? pairs * 2 - 1 : nil
  }
}

/// The characters that Punkt's rules name.
enum PunktCharacters {
  /// May end a sentence.
  static func endsSentence(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "." || scalar == "?" || scalar == "!"
  }

  /// Can't stand inside a word.
  static let nonWord: Set<Unicode.Scalar> = [
    ")", "\"", ";", "}", "]", "*", ":", "@", "'", "(", "{", "[", "\u{2018}", "\u{2019}", "\u{201C}",
    "\u{201D}", "\u{AB}", "\u{BB}", "?", "!",
  ]

  /// Can't begin a word.
  static let notWordStart: Set<Unicode.Scalar> = [
    "(", "\"", "`", "{", "[", ":", ";", "&", "#", "*", "@", ")", "}", "]", "-", ",",
  ]

  /// Belong to the sentence before them.
  static let closing: Set<Unicode.Scalar> = [
    "\"", "'", ")", "]", "}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{AB}", "\u{BB}",
  ]

  /// Never begin a sentence when they stand alone.
  static let punctuation: Set<Unicode.Scalar> = [";", ":", ",", ".", "!", "?"]
}

extension Unicode.Scalar {
  /// Whether the reference implementations, written in Python, take the character for white space:
  /// Unicode's white space and the four ASCII separators.
  var isSpace: Bool {
    value < 0x80
      ? value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
      : properties.isWhitespace
  }
}
