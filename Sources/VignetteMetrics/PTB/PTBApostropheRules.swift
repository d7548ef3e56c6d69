/// Rules for apostrophes: contractions, and words written with one.
extension PTBText {
  /// A verb before `n't`, without the `n`; and `n't` itself.
  func negatedVerb(at start: Int) -> PTBMatch? {
    guard self[start].isASCIILetter else { return nil }
    let end = run(from: start) { $0.isASCIILetter }
    guard self[end - 1].asciiLowercased == 0x6E, self[end + 1].asciiLowercased == 0x74,
      isApostrophe(end) || self[end] == "`" || self[end] == "\u{2018}"
    else { return nil }
    if end - 1 > start { return PTBMatch(length: end - 1 - start, extent: end + 2 - start) }
    return self[end] == "`" || self[end] == "\u{2018}"
      ? PTBMatch(length: 3, .replaced("n`t")) : PTBMatch(length: 3, .replaced("n't"))
  }

  /// A word before `'s`, `'ll` and the like, whatever follows those.
  func possessor(at start: Int) -> PTBMatch? {
    let end = dottedWord(at: start).map { start + $0.length } ?? wordEnd(from: start)
    guard end > start, isApostrophe(end),
      let suffix = Self.contractions.first(where: { matches($0.suffix, at: end + 1) })
    else { return nil }
    return PTBMatch(length: end - start, extent: end - start + suffix.token.utf8CodeUnitCount)
  }

  /// `'s`, `'d` and `'m`; and `'ll`, `'re` and `'ve`, unless more letters follow a straight apostrophe.
  func contraction(at start: Int) -> PTBMatch? {
    guard isApostrophe(start) else { return nil }
    guard let (suffix, token) = Self.contractions.first(where: { matches($0.suffix, at: start + 1) }) else {
      return nil
    }
    let length = 1 + suffix.utf8CodeUnitCount
    if length == 2 { return PTBMatch(length: length, .replaced(token)) }
    return self[start] == "'" && self[start + length].isASCIILetter
      ? nil : PTBMatch(length: length, extent: length + 1, .replaced(token))
  }

  /// A straight apostrophe before a longer word opens a quotation, which wins over shorter contractions.
  func openingQuote(at start: Int) -> PTBMatch? {
    guard self[start] == "'", self[start + 1].isASCIILetter else { return nil }
    let opens = matches("n", at: start + 1) ? kind(start + 2) != .space : self[start + 2].isASCIILetter
    return opens ? PTBMatch(length: 1, extent: 3, .dropped) : nil
  }

  private static let contractions: [(suffix: StaticString, token: StaticString)] = [
    ("s", "'s"), ("d", "'d"), ("m", "'m"), ("ll", "'ll"), ("re", "'re"), ("ve", "'ve"),
  ]

  /// Words that begin with an apostrophe: `'em`, `'til`, `'n'`, `'90s`, and the first half of `'tis`.
  func apostropheToken(at start: Int) -> PTBMatch? {
    guard isApostrophe(start) else { return nil }
    let next = start + 1
    if matches("tis", at: next) || matches("twas", at: next) { return PTBMatch(length: 2, extent: 4) }
    for word in ["till", "til", "em", "cause"] as [StaticString] where matches(word, at: next) {
      return PTBMatch(length: 1 + word.utf8CodeUnitCount)
    }
    if matches("n", at: next) {
      if isApostrophe(next + 1) { return PTBMatch(length: 3) }
      return PTBMatch(length: 2)
    }
    if kind(next) == .digit, kind(next + 1) == .digit {
      if ("2"..."9").contains(self[next]), self[next + 1] == "0", self[next + 2].asciiLowercased == 0x73 {
        return PTBMatch(length: 4)
      }
      if kind(next + 2) == .space { return PTBMatch(length: 3, extent: 4) }
    }
    return nil
  }

  /// Words with an apostrophe inside: `o'clock`, `ma'am`, `d'` before a letter.
  func apostropheWord(at start: Int) -> PTBMatch? {
    guard kind(start) == .letter else { return nil }
    for word in Self.wordsWithApostrophe where matchesWithApostrophe(word, at: start) {
      return PTBMatch(length: word.utf8CodeUnitCount)
    }
    var end = start
    while kind(end) == .letter { end += 1 }
    guard isApostrophe(end) else { return nil }
    return vowelWord(at: start, apostrophe: end) ?? elidedWord(at: start, apostrophe: end)
  }

  private static let wordsWithApostrophe: [StaticString] = [
    "cap'n", "nat'l", "li'l", "ev'ry", "e'er", "ol'", "o'o", "c'est", "qu'est", "c'mon", "s'mores",
  ]

  private func matchesWithApostrophe(_ word: StaticString, at start: Int) -> Bool {
    word.withUTF8Buffer { bytes in
      bytes.enumerated().allSatisfy { offset, byte in
        byte == UInt8(ascii: "'")
          ? isApostrophe(start + offset) : self[start + offset].asciiLowercased == UInt32(byte)
      }
    }
  }

  /// Letters ending in a vowel, an apostrophe, and letters beginning with one or a capital: `ma'am`, `Hawai'i`.
  private func vowelWord(at start: Int, apostrophe: Int) -> PTBMatch? {
    guard apostrophe - start >= 2, "aeiouy".unicodeScalars.contains(lowercased(apostrophe - 1)),
      "aeiou".unicodeScalars.contains(self[apostrophe + 1]) || ("A"..."Z").contains(self[apostrophe + 1])
    else { return nil }
    let end = run(from: apostrophe + 1) { $0.isASCIILetter }
    return PTBMatch(length: end - start)
  }

  /// `d'`, `l'` or `o'` with two or more letters or digits; `n'` or a capital (but `I'` and `Y'`) with two
  /// or more letters; else `d'`, `j'` or `l'` alone, and `y'` before a letter.
  private func elidedWord(at start: Int, apostrophe: Int) -> PTBMatch? {
    guard apostrophe == start + 1 else { return nil }
    let letter = lowercased(start)
    var end = apostrophe + 1
    if "dlo".unicodeScalars.contains(letter) {
      end = alphanumericEnd(from: end)
    } else if letter == "n" || ("A"..."Z").contains(self[start]) && letter != "i" && letter != "y" {
      while kind(end) == .letter { end += 1 }
    }
    if end > apostrophe + 2 { return PTBMatch(length: end - start) }
    if "djl".unicodeScalars.contains(letter) { return PTBMatch(length: 2) }
    return letter == "y" && kind(apostrophe + 1) == .letter ? PTBMatch(length: 2, extent: 3) : nil
  }

  private func lowercased(_ index: Int) -> Unicode.Scalar {
    Unicode.Scalar(self[index].asciiLowercased) ?? self[index]
  }
}
