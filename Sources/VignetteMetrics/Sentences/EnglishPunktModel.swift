/// The parameters of Punkt that NLTK trained on English newspaper text, reduced to what decides where
/// sentences end.
struct EnglishPunktModel: Sendable {
  static let shared = EnglishPunktModel()

  /// How a word was spelt in the training text.
  enum Spelling {
    /// Only capitalised, or not seen at all.
    case neverLowercase
    /// In lower case, and capitalised in the middle of a sentence too.
    case capitalisedInside
    /// In lower case, and never capitalised in the middle of a sentence.
    case lowercaseInside
    /// Like `lowercaseInside`, and it also began sentences in lower case and was never capitalised.
    case lowercaseAnywhere
  }

  /// Abbreviations without their last period.
  let abbreviations = Set(EnglishPunktWords.abbreviations.split(separator: " ").map(String.init) + [". . "])

  /// Words that follow a given word and a period within a sentence.
  let collocations: [String: Set<String>] = EnglishPunktWords.collocations.mapValues {
    Set($0.split(separator: " ").map(String.init))
  }

  /// Words that often begin sentences.
  let sentenceStarters = Set(EnglishPunktWords.sentenceStarters.split(separator: " ").map(String.init))

  private let capitalisedInside = frontCoded(EnglishPunktWords.capitalisedInside)
  private let lowercaseInside = frontCoded(EnglishPunktWords.lowercaseInside)
  private let lowercaseAnywhere = Set(
    EnglishPunktWords.lowercaseAnywhere.split(separator: " ").map(String.init))

  /// How a lowercased word was spelt.
  func spelling(of word: String) -> Spelling {
    if lowercaseAnywhere.contains(word) { return .lowercaseAnywhere }
    if lowercaseInside.contains(word) { return .lowercaseInside }
    return capitalisedInside.contains(word) ? .capitalisedInside : .neverLowercase
  }

  /// The words of a sorted list in which a capital letter (A = 0) says how many letters a word shares
  /// with the one before it, and the rest of the word follows.
  private static func frontCoded(_ list: String) -> Set<String> {
    var words: Set<String> = []
    var word: [UInt8] = []
    for byte in list.utf8 {
      if (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) {
        if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
        word = Array(word.prefix(Int(byte - UInt8(ascii: "A"))))
      } else {
        word.append(byte)
      }
    }
    if !word.isEmpty { words.insert(String(decoding: word, as: UTF8.self)) }
    return words
  }
}
