/// Rules for punctuation, currencies and faces.
extension PTBText {
  /// Capitals with a dollar sign: `US$`; and names of languages: `c++`, `f#`.
  func currency(at start: Int) -> PTBMatch? {
    let end = run(from: start) { ("A"..."Z").contains($0) }
    if end > start, self[end] == "$" { return PTBMatch(length: end + 1 - start) }
    if matches("c++", at: start) { return PTBMatch(length: 3) }
    return matches("c#", at: start) || matches("f#", at: start) ? PTBMatch(length: 2) : nil
  }

  /// A face of characters: `:-)`, `^_^`.
  func smiley(at start: Int) -> PTBMatch? {
    if Self.faceSides.contains(self[start]), self[start + 1] == "_", Self.faceSides.contains(self[start + 2])
    {
      return PTBMatch(length: 3)
    }
    var index = self[start] == "<" || self[start] == ">" ? start + 1 : start
    guard self[index] == ":" || self[index] == ";" || self[index] == "=" else { return nil }
    index += 1
    if Self.noses.contains(self[index]), Self.mouths.contains(self[index + 1]) { index += 1 }
    guard Self.mouths.contains(self[index]), !self[index + 1].isASCIIAlphanumeric else { return nil }
    return PTBMatch(length: index + 1 - start, extent: index + 2 - start)
  }

  private static let faceSides: Set<Unicode.Scalar> = ["-", "^", "x", "=", "~", "<", ">", "'"]
  private static let noses: Set<Unicode.Scalar> = ["-", "o", "*", "'"]
  private static let mouths: Set<Unicode.Scalar> = [
    "(", ")", "D", "P", "d", "p", "O", "\\", "{", "@", "|", "[", "]",
  ]

  /// Runs of the same mark, and character references.
  func marks(at start: Int) -> PTBMatch? {
    let first = self[start]
    switch first {
    case "!", "?":
      let end = run(from: start) { $0 == "!" || $0 == "?" }
      return end - start > 1 ? PTBMatch(length: end - start) : nil
    case "#", "*", "_", "@":
      let end = run(from: start) { $0 == first }
      return end - start > 1 ? PTBMatch(length: end - start) : nil
    case "\\":
      var end = start
      while self[end] == first, self[end + 1] == "*" { end += 2 }
      return end > start ? PTBMatch(length: end - start) : nil
    case "\u{B9}", "\u{B2}", "\u{B3}", "\u{2070}", "\u{2074}"..."\u{2079}", "\u{2080}"..."\u{2089}":
      let end = run(from: start) { $0.properties.numericType == .digit }
      return PTBMatch(length: end - start)
    case "<", ">": return self[start + 1] == first ? PTBMatch(length: 2) : nil
    case ".":
      let end = run(from: start) { $0 == "." }
      return end - start > 2 ? PTBMatch(length: end - start, .dropped) : nil
    case "'": return self[start + 1] == first ? PTBMatch(length: 2, extent: 3, .dropped) : nil
    case "-": return PTBMatch(length: run(from: start) { $0 == "-" } - start, .dropped)
    case "&": return characterReference(at: start)
    default: return nil
    }
  }

  private func characterReference(at start: Int) -> PTBMatch? {
    for (name, result) in Self.references where matches(name, at: start + 1) {
      return PTBMatch(length: 1 + name.utf8CodeUnitCount, result)
    }
    guard self[start + 1] == "#" else {
      let isVowel = "aeiou".unicodeScalars.contains { $0.value == self[start + 1].asciiLowercased }
      for accent in ["acute;", "grave;", "uml;"] as [StaticString]
      where isVowel && matches(accent, at: start + 2) {
        return PTBMatch(length: 2 + accent.utf8CodeUnitCount)
      }
      return nil
    }
    let end = digitsEnd(from: start + 2)
    return end > start + 2 && self[end] == ";" ? PTBMatch(length: end + 1 - start) : nil
  }

  private static let references: [(name: StaticString, result: PTBMatch.Result)] = [
    ("lt;", .replaced("<")), ("gt;", .replaced(">")), ("quot;", .dropped),
    ("mdash;", .dropped), ("ndash;", .dropped),
  ]

  /// Two curly, angled or backward quotation marks in a row: one token unless they make a plain pair.
  func quotes(at start: Int) -> PTBMatch? {
    guard let first = Self.pairedQuotes[self[start].value],
      let second = Self.pairedQuotes[self[start + 1].value]
    else { return nil }
    let isPlainPair = first.utf8CodeUnitCount == 1 && "\(first)" == "\(second)"
    return PTBMatch(length: 2, isPlainPair ? .dropped : .quotes(first, second))
  }

  private static let pairedQuotes: [UInt32: StaticString] = [
    0x60: "`", 0x91: "`", 0x92: "'", 0x93: "``", 0x94: "''", 0x2018: "`", 0x2019: "'", 0x201A: "\u{201A}",
    0x201B: "`", 0x201E: "\u{201E}", 0x201F: "\u{201F}", 0x201C: "``", 0x201D: "''", 0xAB: "``", 0xBB: "''",
    0x2039: "`", 0x203A: "'",
  ]

  /// A single mark, when no rule knows more.
  func singleMark(at start: Int) -> PTBMatch {
    let value = self[start].value
    if Self.droppedMarks.contains(value) { return PTBMatch(length: 1, .dropped) }
    return PTBMatch(length: 1, Self.spelledOut[value].map { .replaced($0) } ?? .token)
  }

  private static let droppedMarks: Set<UInt32> = Set(
    "\"'`.,:;!?-\u{2013}\u{2014}\u{2015}\u{2018}\u{2019}\u{201B}\u{201C}\u{201D}\u{2026}\u{2039}\u{203A}\u{AB}\u{BB}"
      .unicodeScalars.map(\.value)
  ).union([0x91, 0x92, 0x93, 0x94, 0x96, 0x97])

  private static let spelledOut: [UInt32: StaticString] = [
    0x5B: "-lsb-", 0x5D: "-rsb-", 0x7B: "-lcb-", 0x7D: "-rcb-", 0xA2: "cents", 0xA3: "#", 0x80: "$",
    0xA4: "$", 0x20A0: "$", 0x20AC: "$", 0xBC: "1/4", 0xBD: "1/2", 0xBE: "3/4", 0x2153: "1/3",
    0x2154: "2/3",
  ]
}
