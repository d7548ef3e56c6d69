/// Reads the tokens of JSON text one after the other.
///
/// It checks every byte against RFC 8259; Python's `NaN`, `Infinity` and `-Infinity` count as numbers.
struct JSONCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte that is no white space, without going past it.
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  /// Goes past `byte` if it is next.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  /// Goes past `byte`, which must be next.
  mutating func expect(_ byte: UInt8) throws(JSONFault) {
    guard skip(byte) else { throw unexpected("expected '\(Character(UnicodeScalar(byte)))'") }
  }

  /// Goes past `word` if the text goes on with it.
  mutating func skip(word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for index in 0..<word.utf8CodeUnitCount where bytes[position + index] != word.utf8Start[index] {
      return false
    }
    position = end
    return true
  }

  /// Nothing but white space may follow.
  mutating func expectEnd() throws(JSONFault) {
    if peek() != nil { throw unexpected("expected the end of the text") }
  }

  /// Goes past `{ "key": value, … }`; `member` reads each value.
  mutating func members(
    _ member: (inout JSONCursor, String) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try expect(UInt8(ascii: "{"))
    if skip(UInt8(ascii: "}")) { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw unexpected("expected a key in double quotes") }
      let key = try string()
      try expect(UInt8(ascii: ":"))
      try member(&self, key)
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw unexpected("expected ',' or '}'") }
  }

  /// Goes past `[ value, … ]`; `element` reads each value.
  mutating func elements(
    _ element: (inout JSONCursor) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try expect(UInt8(ascii: "["))
    if skip(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected("expected ',' or ']'") }
  }

  /// Reads a number.
  mutating func number() throws(JSONFault) -> JSONValue {
    _ = peek()
    let start = position
    if skip(word: "NaN") { return .double(.nan) }
    if skip(word: "Infinity") { return .double(.infinity) }
    if skip(word: "-Infinity") { return .double(-.infinity) }

    if at(UInt8(ascii: "-")) { position += 1 }
    if at(UInt8(ascii: "0")) {
      position += 1
    } else {
      try digits()
    }
    var isInteger = true
    if at(UInt8(ascii: ".")) {
      isInteger = false
      position += 1
      try digits()
    }
    if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
      isInteger = false
      position += 1
      if at(UInt8(ascii: "+")) || at(UInt8(ascii: "-")) { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger { return Int(text).map(JSONValue.int) ?? .largeInteger(text) }
    guard let value = Double(text) else { throw JSONFault(position: start, problem: "is no number") }
    return .double(value)
  }

  /// Reads an integer that is not negative, as sizes and offsets are.
  mutating func count() throws(JSONFault) -> Int {
    _ = peek()
    let start = position
    guard case .int(let value) = try number(), value >= 0 else {
      throw JSONFault(position: start, problem: "expected an integer from 0 to \(Int.max)")
    }
    return value
  }

  /// Reads a string.
  mutating func string() throws(JSONFault) -> String {
    try expect(UInt8(ascii: "\""))
    let start = position
    skipPlainText()
    if at(UInt8(ascii: "\"")) {
      position += 1
      return try checked(String(validating: bytes[start..<position - 1], as: UTF8.self), startingAt: start)
    }
    var unescaped = Array(bytes[start..<position])
    while !at(UInt8(ascii: "\"")) {
      guard at(UInt8(ascii: "\\")) else { throw unexpected("a string has no end") }
      try appendEscape(to: &unescaped)
      let plain = position
      skipPlainText()
      unescaped.append(contentsOf: bytes[plain..<position])
    }
    position += 1
    return try checked(String(validating: unescaped, as: UTF8.self), startingAt: start)
  }

  func unexpected(_ problem: String) -> JSONFault {
    guard position < bytes.count else {
      return JSONFault(position: position, problem: "\(problem), but the text ends here")
    }
    return JSONFault(position: position, problem: problem)
  }

  private func at(_ byte: UInt8) -> Bool { position < bytes.count && bytes[position] == byte }

  private mutating func digits() throws(JSONFault) {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    if position == start { throw unexpected("expected a value") }
  }

  private mutating func skipPlainText() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      position += 1
    }
  }

  private func checked(_ text: String?, startingAt start: Int) throws(JSONFault) -> String {
    guard let text else { throw JSONFault(position: start, problem: "the string is not valid UTF-8") }
    return text
  }

  private mutating func appendEscape(to utf8: inout [UInt8]) throws(JSONFault) {
    position += 1
    guard position < bytes.count else { throw unexpected("a string has no end") }
    let escape = bytes[position]
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(escape)
    case UInt8(ascii: "b"): utf8.append(0x08)
    case UInt8(ascii: "f"): utf8.append(0x0C)
    case UInt8(ascii: "n"): utf8.append(0x0A)
    case UInt8(ascii: "r"): utf8.append(0x0D)
    case UInt8(ascii: "t"): utf8.append(0x09)
    case UInt8(ascii: "u"): utf8.append(contentsOf: String(try escapedScalar()).utf8)
    default: throw JSONFault(position: position - 1, problem: "unknown escape in a string")
    }
  }

  // What follows `\u`: four hexadecimal digits, twice for a scalar that UTF-16 spells as a pair.
  private mutating func escapedScalar() throws(JSONFault) -> Character {
    let start = position
    var value = try hexadecimal()
    if value & 0xFC00 == 0xD800, skip(word: "\\u") {
      let low = try hexadecimal()
      guard low & 0xFC00 == 0xDC00 else {
        throw JSONFault(position: start, problem: "half of a surrogate pair")
      }
      value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = UnicodeScalar(value) else {
      throw JSONFault(position: start, problem: "half of a surrogate pair")
    }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count, let digit = Character(UnicodeScalar(bytes[position])).hexDigitValue else {
        throw unexpected("expected four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
