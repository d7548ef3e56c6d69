/// Porter's suffix-stripping stemmer with the extensions of NLTK, the variant that rouge_score uses.
///
/// M. F. Porter, "An algorithm for suffix stripping", 1980. NLTK departs from the paper by a table of
/// irregular words, by keeping `ie` in four-letter words (`dies` → `die`), by turning a final `y` into
/// `i` only after a consonant, and by a few rules of the second step. Words are lowercase ASCII.
public enum PorterStemmer {
  /// The stem of a lowercase word.
  public static func stem(_ word: String) -> String {
    String(decoding: stem(Array(word.utf8)), as: UTF8.self)
  }

  static func stem(_ word: [UInt8]) -> [UInt8] {
    if let known = irregular[word] { return known }
    if word.count <= 2 { return word }
    var stem = StemmedWord(letters: word)
    stem.removePlural()
    stem.removePastTense()
    stem.replaceFinalY()
    stem.shortenDoubleSuffix()
    stem.apply(PorterRules.step3)
    stem.apply(PorterRules.step4)
    stem.removeFinalE()
    stem.apply(PorterRules.step5b)
    return stem.letters
  }

  private static let irregular: [[UInt8]: [UInt8]] = {
    let stems = [
      "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news",
      "innings": "inning", "inning": "inning", "outings": "outing", "outing": "outing",
      "cannings": "canning", "canning": "canning", "howe": "howe", "proceed": "proceed",
      "exceed": "exceed", "succeed": "succeed",
    ]
    return Dictionary(uniqueKeysWithValues: stems.map { (Array($0.utf8), Array($1.utf8)) })
  }()
}
