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
