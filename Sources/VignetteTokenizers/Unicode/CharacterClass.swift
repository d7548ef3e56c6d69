/// The classes of Unicode scalars that tokenizers tell apart.
enum CharacterClass {
  static let letters = RangeTable(UnicodeTables.letters)
  static let numbers = RangeTable(UnicodeTables.numbers)
  static let wordCharacters = RangeTable(UnicodeTables.wordCharacters)
  static let removedByCleaning = RangeTable(UnicodeTables.removedByCleaning)
  static let punctuation = RangeTable(UnicodeTables.punctuation)
  static let accents = RangeTable(UnicodeTables.accents)

  /// Unicode's White_Space, which `\s` matches too.
  static func isWhitespace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// What BERT calls Chinese characters. (The gap from U+2B820 is one digit misread in `tokenizers`, and kept.)
  static func isChinese(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
