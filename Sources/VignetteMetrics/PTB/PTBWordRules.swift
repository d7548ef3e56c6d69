/// Rules for words, and words joined by hyphens, slashes and dots.
extension PTBText {
  /// Letters and digits. After a leading digit, accents don't belong to the word.
  func word(at start: Int) -> PTBMatch? {
    let end = kind(start) == .digit ? alphanumericEnd(from: start) : wordEnd(from: start)
    return end > start ? PTBMatch(length: end - start) : nil
  }

  /// ASCII letters up to a space, which no other rule reads differently, unless they are to be split.
  func plainWord(at start: Int) -> PTBMatch? {
    let end = run(from: start) { $0.isASCIILetter }
    guard end > start, kind(end) == .space, splitWord(at: start) == nil else { return nil }
    return PTBMatch(length: end - start)
  }

  /// The first half of `cannot`, `gonna` and the like; the second half is a word of its own.
  func splitWord(at start: Int) -> PTBMatch? {
    let end = wordEnd(from: start)
    let words: [StaticString] = ["cannot", "gonna", "gotta", "lemme", "gimme", "wanna"]
    guard end - start == 5 || end - start == 6,
      words.contains(where: { $0.utf8CodeUnitCount == end - start && matches($0, at: start) })
    else { return nil }
    return PTBMatch(length: 3, extent: end - start)
  }

  /// Words joined by dots, question or exclamation marks without space: `photo.jpg`.
  func dottedWord(at start: Int) -> PTBMatch? {
    guard kind(start) == .letter || kind(start) == .mark else { return nil }
    var end = wordEnd(from: start)
    let first = end
    while self[end] == "." || self[end] == "!" || self[end] == "?",
      kind(end + 1) == .letter || kind(end + 1) == .mark
    {
      end = wordEnd(from: end + 1)
    }
    return end > first ? PTBMatch(length: end - start) : nil
  }

  /// Words joined by hyphens or underscores. The first may hold dots and commas, and the ones after
  /// hyphens may be acronyms: `1.5-inch`, `non-U.S.`.
  func hyphenated(at start: Int) -> PTBMatch? {
    let end = max(asciiHyphenatedEnd(from: start), joinedEnd(from: start))
    return end > start ? PTBMatch(length: end - start) : nil
  }

  /// The end of letters and digits joined by hyphens or underscores; `start` if there are none.
  private func joinedEnd(from start: Int) -> Int {
    let first = alphanumericEnd(from: elisionEnd(from: start))
    guard first > start else { return start }
    var end = first
    while self[end] == "-" || self[end] == "_" {
      let next = alphanumericEnd(from: end + 1)
      if next == end + 1 { break }
      end = next
    }
    return end > first ? end : start
  }

  private func asciiHyphenatedEnd(from start: Int) -> Int {
    guard self[start].isASCIIAlphanumeric else { return start }
    let prefix = elisionEnd(from: start)
    var end = run(from: prefix) { $0.isASCIIAlphanumeric || $0 == "." || $0 == "," || $0 == "\u{AD}" }
    if prefix > start { end = run(from: prefix) { $0.isASCIIAlphanumeric || $0 == "\u{AD}" } }
    let first = end
    while self[end] == "-" {
      let part = elisionEnd(from: end + 1)
      var next = run(from: part) { $0.isASCIIAlphanumeric || $0 == "\u{AD}" }
      if next == part { break }
      if let acronym = acronymEnd(from: end + 1) { next = max(next, acronym) }
      end = next
    }
    return end > first ? end : start
  }

  /// The end of `d'`, `l'` or `o'` before two or more letters; `start` if it isn't there.
  private func elisionEnd(from start: Int) -> Int {
    let letter = self[start].asciiLowercased
    let elides = letter == 0x64 || letter == 0x6C || letter == 0x6F
    guard elides, isApostrophe(start + 1), alphanumericEnd(from: start + 2) > start + 3 else { return start }
    return start + 2
  }

  /// Two or three short words joined by slashes: `and/or`.
  func slashed(at start: Int) -> PTBMatch? {
    guard self[start].isASCIIAlphanumeric else { return nil }
    var end = slashPartEnd(from: start)
    var slashes = 0
    while slashes < 2, self[end] == "/", self[end + 1].isASCIIAlphanumeric {
      end = slashPartEnd(from: end + 1)
      slashes += 1
    }
    return slashes > 0 ? PTBMatch(length: end - start) : nil
  }

  /// Letters and digits, then up to two hyphens with letters.
  private func slashPartEnd(from start: Int) -> Int {
    var end = run(from: start) { $0.isASCIIAlphanumeric }
    for _ in 0..<2 where self[end] == "-" && self[end + 1].isASCIILetter {
      end = run(from: end + 1) { $0.isASCIILetter }
    }
    return end
  }

  /// Capitals joined by `&` or `+`: `AT&T`.
  func company(at start: Int) -> PTBMatch? {
    let isCapital = { (scalar: Unicode.Scalar) in ("A"..."Z").contains(scalar) }
    var end = run(from: start, while: isCapital)
    guard end > start else { return nil }
    let first = end
    while self[end] == "&" || self[end] == "+", isCapital(self[end + 1]) {
      end = run(from: end + 1, while: isCapital)
    }
    return end > first ? PTBMatch(length: end - start) : nil
  }
}
