/// Porter's suffix-stripping stemmer with the extensions of NLTK, the variant that rouge_score uses.
///
/// M. F. Porter, "An algorithm for suffix stripping", 1980. NLTK departs from the paper by a table of
/// irregular words, by keeping `ie` in four-letter words (`dies` → `die`), by turning a final `y` into
/// `i` only after a consonant, and by a few rules of the second step. Words are lowercase ASCII.
package enum PorterStemmer {
  /// The stem of a lowercase word.
  package static func stem(_ word: String) -> String {
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

/// A word on its way through the Porter stemmer's steps.
struct StemmedWord {
  var letters: [UInt8]

  /// Applies the first rule whose suffix the word has, if its condition holds.
  /// - Returns: whether a rule's suffix fitted.
  @discardableResult
  mutating func apply(_ rules: [PorterRule]) -> Bool {
    guard let rule = rules.first(where: { ends(with: $0.suffix) }) else { return false }
    if holds(rule) {
      letters.removeLast(rule.suffix.count)
      letters += rule.replacement
    }
    return true
  }

  // MARK: Steps that are more than a table

  /// Step 1a.
  mutating func removePlural() {
    if letters.count == 4, ends(with: "ies") {
      letters.removeLast()
    } else {
      apply(PorterRules.step1a)
    }
  }

  /// Step 1b.
  mutating func removePastTense() {
    if ends(with: "ied") {
      letters.removeLast(letters.count == 4 ? 1 : 2)
    } else if ends(with: "eed") {
      if measure(letters.count - 3) > 0 { letters.removeLast() }
    } else {
      for count in [2, 3] where ends(with: count == 2 ? "ed" : "ing") {
        guard hasVowel(letters.count - count) else { continue }
        letters.removeLast(count)
        repairAfterPastTense()
        return
      }
    }
  }

  private mutating func repairAfterPastTense() {
    if apply(PorterRules.step1bEndings) { return }
    if endsInDoubleConsonant {
      if let last = letters.last, ![UInt8(ascii: "l"), UInt8(ascii: "s"), UInt8(ascii: "z")].contains(last) {
        letters.removeLast()
      }
    } else if measure(letters.count) == 1, endsInShortSyllable(letters.count) {
      letters.append(UInt8(ascii: "e"))
    }
  }

  /// Step 1c.
  mutating func replaceFinalY() {
    let rest = letters.count - 1
    if ends(with: "y"), rest > 1, isConsonant(rest - 1) { letters[rest] = UInt8(ascii: "i") }
  }

  /// Step 2. `alli` is shortened first, and the result goes through the step again.
  mutating func shortenDoubleSuffix() {
    if ends(with: "alli"), measure(letters.count - 4) > 0 { letters.removeLast(2) }
    apply(PorterRules.step2)
  }

  /// Step 5a.
  mutating func removeFinalE() {
    guard ends(with: "e") else { return }
    let rest = letters.count - 1
    let measure = measure(rest)
    if measure > 1 || (measure == 1 && !endsInShortSyllable(rest)) { letters.removeLast() }
  }

  // MARK: Conditions

  private func holds(_ rule: PorterRule) -> Bool {
    let rest = letters.count - rule.suffix.count
    switch rule.condition {
    case .always: return true
    case .measure(let bound): return measure(rest) > bound
    case .measureEndingInST(let bound):
      guard measure(rest) > bound else { return false }
      return letters[rest - 1] == UInt8(ascii: "s") || letters[rest - 1] == UInt8(ascii: "t")
    case .measureWithout(let count, let bound): return measure(letters.count - count) > bound
    }
  }

  private func ends(with suffix: [UInt8]) -> Bool {
    letters.count >= suffix.count && letters.suffix(suffix.count).elementsEqual(suffix)
  }

  private func ends(with suffix: StaticString) -> Bool {
    let count = suffix.utf8CodeUnitCount
    guard letters.count >= count else { return false }
    return suffix.withUTF8Buffer { letters.suffix(count).elementsEqual($0) }
  }

  /// Whether the letter is a consonant: no vowel, and no `y` that follows a consonant.
  private func isConsonant(_ index: Int) -> Bool {
    var index = index
    var negated = false
    while index > 0, letters[index] == UInt8(ascii: "y") {
      negated.toggle()
      index -= 1
    }
    return Self.isVowel(letters[index]) == negated
  }

  /// How many times a vowel is followed by a consonant within the first `count` letters.
  private func measure(_ count: Int) -> Int {
    var measure = 0
    var wasConsonant = true
    for index in 0..<count {
      let isConsonant = isConsonant(index, afterConsonant: index > 0 && wasConsonant)
      if isConsonant, !wasConsonant { measure += 1 }
      wasConsonant = isConsonant
    }
    return measure
  }

  private func hasVowel(_ count: Int) -> Bool {
    var wasConsonant = false
    for index in 0..<count {
      wasConsonant = isConsonant(index, afterConsonant: wasConsonant)
      if !wasConsonant { return true }
    }
    return false
  }

  private func isConsonant(_ index: Int, afterConsonant: Bool) -> Bool {
    letters[index] == UInt8(ascii: "y") ? !afterConsonant : !Self.isVowel(letters[index])
  }

  private var endsInDoubleConsonant: Bool {
    let count = letters.count
    return count >= 2 && letters[count - 1] == letters[count - 2] && isConsonant(count - 1)
  }

  /// Whether the first `count` letters end in consonant, vowel, consonant, the last no `w`, `x` or `y`;
  /// or are just a vowel and a consonant.
  private func endsInShortSyllable(_ count: Int) -> Bool {
    if count == 2 { return !isConsonant(0) && isConsonant(1) }
    guard count >= 3, isConsonant(count - 3), !isConsonant(count - 2), isConsonant(count - 1) else {
      return false
    }
    let last = letters[count - 1]
    return last != UInt8(ascii: "w") && last != UInt8(ascii: "x") && last != UInt8(ascii: "y")
  }

  private static func isVowel(_ letter: UInt8) -> Bool {
    switch letter {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): true
    default: false
    }
  }
}
