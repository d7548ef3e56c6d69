/// One rule of a stemmer's step: a suffix, what replaces it, and what the rest must satisfy.
struct PorterRule: Sendable {
  enum Condition: Sendable {
    case always
    /// The measure of what precedes the suffix is greater than this.
    case measure(above: Int)
    /// As `measure`, and what precedes the suffix ends in `s` or `t`.
    case measureEndingInST(above: Int)
    /// The measure of the word without its last `count` letters is greater than zero.
    case measureWithout(last: Int, above: Int)
  }

  let suffix: [UInt8]
  let replacement: [UInt8]
  let condition: Condition

  init(_ suffix: StaticString, _ replacement: StaticString, _ condition: Condition) {
    self.suffix = Array("\(suffix)".utf8)
    self.replacement = Array("\(replacement)".utf8)
    self.condition = condition
  }
}

/// The tables of the stemmer's steps. In each, the first rule whose suffix fits decides.
enum PorterRules {
  static let step1a = [
    PorterRule("sses", "ss", .always), PorterRule("ies", "i", .always),
    PorterRule("ss", "ss", .always), PorterRule("s", "", .always),
  ]

  static let step1bEndings = [
    PorterRule("at", "ate", .always), PorterRule("bl", "ble", .always),
    PorterRule("iz", "ize", .always),
  ]

  static let step2 = [
    PorterRule("ational", "ate", .measure(above: 0)),
    PorterRule("tional", "tion", .measure(above: 0)),
    PorterRule("enci", "ence", .measure(above: 0)),
    PorterRule("anci", "ance", .measure(above: 0)),
    PorterRule("izer", "ize", .measure(above: 0)),
    PorterRule("bli", "ble", .measure(above: 0)),
    PorterRule("alli", "al", .measure(above: 0)),
    PorterRule("entli", "ent", .measure(above: 0)),
    PorterRule("eli", "e", .measure(above: 0)),
    PorterRule("ousli", "ous", .measure(above: 0)),
    PorterRule("ization", "ize", .measure(above: 0)),
    PorterRule("ation", "ate", .measure(above: 0)),
    PorterRule("ator", "ate", .measure(above: 0)),
    PorterRule("alism", "al", .measure(above: 0)),
    PorterRule("iveness", "ive", .measure(above: 0)),
    PorterRule("fulness", "ful", .measure(above: 0)),
    PorterRule("ousness", "ous", .measure(above: 0)),
    PorterRule("aliti", "al", .measure(above: 0)),
    PorterRule("iviti", "ive", .measure(above: 0)),
    PorterRule("biliti", "ble", .measure(above: 0)),
    PorterRule("fulli", "ful", .measure(above: 0)),
    // The `l` counts with the stem here, so that `geologi` becomes `geolog`.
    PorterRule("logi", "log", .measureWithout(last: 3, above: 0)),
  ]

  static let step3 = [
    PorterRule("icate", "ic", .measure(above: 0)), PorterRule("ative", "", .measure(above: 0)),
    PorterRule("alize", "al", .measure(above: 0)), PorterRule("iciti", "ic", .measure(above: 0)),
    PorterRule("ical", "ic", .measure(above: 0)), PorterRule("ful", "", .measure(above: 0)),
    PorterRule("ness", "", .measure(above: 0)),
  ]

  static let step4 =
    (["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent"] as [StaticString])
    .map { PorterRule($0, "", .measure(above: 1)) }
    + [PorterRule("ion", "", .measureEndingInST(above: 1))]
    + (["ou", "ism", "ate", "iti", "ous", "ive", "ize"] as [StaticString])
    .map { PorterRule($0, "", .measure(above: 1)) }

  static let step5b = [PorterRule("ll", "l", .measureWithout(last: 1, above: 1))]
}
