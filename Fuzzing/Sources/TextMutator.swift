/// Changes text by its tokens, as JSON has them: numbers, strings, words and what brackets enclose.
struct TextMutator {
  private let text: [UInt8]
  private var tokens: [Range<Int>] = []

  private static let values = [
    "null", "true", "false", "0", "-1", "1", "2", "[]", "{}", "\"\"", "1e400", "-0.0", "1.5", "[[]]", "[0]",
    "{\"a\":1}",
    "9223372036854775807", "-9223372036854775808", "18446744073709551616", "4294967296", "2147483647",
    "16777216",
    "65536", "32768", "1000000", "255", "0.1", "NaN", "Infinity", "\"\\u0000\"", "\"\\ud800\"", "\"gelu\"",
    "\"a b\"",
    "\"../x\"", "\"<|endoftext|>\"", "\"[UNK]\"", "[1,2,3]", "[0,0]", "[-1]", "[3,4,5,6]",
  ]

  init(_ text: [UInt8]) {
    self.text = text
    var index = 0
    while index < text.count {
      let start = index
      switch text[index] {
      case UInt8(ascii: "\""):
        index += 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
          index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(text.count, index + 1)
      case let byte where Self.isWord(byte):
        while index < text.count, Self.isWord(text[index]) { index += 1 }
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        index += 1
      default:
        index += 1
        continue
      }
      tokens.append(start..<index)
      // Of a very long text, the beginning.
      if tokens.count > 20_000 { break }
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "_"):
      true
    default: byte >= 0x80
    }
  }

  mutating func changed(_ mutator: inout Mutator) -> [UInt8] {
    guard !tokens.isEmpty else { return text + Array("{}".utf8) }
    let token = mutator.pick(tokens)
    let value = value(at: token.lowerBound)
    var result = text
    switch mutator.below(10) {
    case 0...2: result.replaceSubrange(value, with: Array(mutator.pick(Self.values).utf8))
    case 3: result.replaceSubrange(value, with: text[self.value(at: mutator.pick(tokens).lowerBound)])
    case 4: result.replaceSubrange(token, with: text[mutator.pick(tokens)])
    case 5, 6: result.removeSubrange(member(from: token.lowerBound))
    case 7:
      let member = member(from: token.lowerBound)
      result.insert(contentsOf: text[member], at: member.lowerBound)
    case 8:
      let depth = mutator.pick([3, 200, 5000])
      let bracket = mutator.pick(["[", "{\"a\":"])
      result.insert(contentsOf: Array(String(repeating: bracket, count: depth).utf8), at: token.lowerBound)
    default:
      let long = String(
        repeating: mutator.pick(["9", "a", "\u{e9}", "\\u00e9"]), count: mutator.pick([30, 1000, 70_000]))
      result.insert(contentsOf: Array(long.utf8), at: min(text.count, token.lowerBound + 1))
    }
    return result
  }

  /// The value that begins at a token: the token, or all that a bracket encloses.
  private func value(at start: Int) -> Range<Int> {
    guard text[start] == UInt8(ascii: "[") || text[start] == UInt8(ascii: "{") else {
      return tokens.first { $0.lowerBound == start } ?? start..<start + 1
    }
    var (depth, index, isInString) = (0, start, false)
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\\") where isInString: index += 1
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "["), UInt8(ascii: "{"): if !isInString { depth += 1 }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if !isInString { depth -= 1 }
        if depth == 0 { return start..<index + 1 }
      default: break
      }
      index += 1
    }
    return start..<text.count
  }

  /// A token with the value behind its colon, if it has one, and the comma behind that.
  private func member(from start: Int) -> Range<Int> {
    var end = skippingSpace(value(at: start).upperBound)
    if end < text.count, text[end] == UInt8(ascii: ":") {
      end = skippingSpace(end + 1)
      if end < text.count { end = skippingSpace(value(at: end).upperBound) }
    }
    if end < text.count, text[end] == UInt8(ascii: ",") { end += 1 }
    return start..<min(end, text.count)
  }

  private func skippingSpace(_ index: Int) -> Int {
    var index = index
    while index < text.count, text[index] == 0x20 || text[index] == 0x0A { index += 1 }
    return index
  }
}
