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
