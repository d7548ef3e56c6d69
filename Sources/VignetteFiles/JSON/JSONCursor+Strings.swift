extension JSONCursor {
  /// Reads a string.
  package mutating func string() throws(JSONFault) -> String { try text().string }

  /// Reads a string without making a `String` of it.
  package mutating func text() throws(JSONFault) -> JSONText {
    guard peek() == UInt8(ascii: "\"") else { throw mismatch("a string") }
    position += 1
    let start = position
    let isASCII = skipPlainText()
    guard at(UInt8(ascii: "\"")) else { return try escapedText(startingAt: start) }
    let content = UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    guard isASCII || UTF8Check.isValid(content) else { throw Self.invalidUTF8(startingAt: start) }
    position += 1
    return JSONText(content)
  }

  private mutating func escapedText(startingAt start: Int) throws(JSONFault) -> JSONText {
    var content = Array(bytes[start..<position])
    while !at(UInt8(ascii: "\"")) {
      guard position < end else { throw fault("a string has no end") }
      guard at(UInt8(ascii: "\\")) else { throw fault("a control character inside a string") }
      try appendEscape(to: &content)
      let plain = position
      skipPlainText()
      content.append(contentsOf: bytes[plain..<position])
    }
    position += 1
    guard content.withUnsafeBytes(UTF8Check.isValid) else { throw Self.invalidUTF8(startingAt: start) }
    return JSONText(unescaped: content)
  }

  /// Stops at the next quote, backslash or control character, or at the end; says whether all before is ASCII.
  @discardableResult
  private mutating func skipPlainText() -> Bool {
    let highBits: UInt64 = 0x8080_8080_8080_8080
    let ones: UInt64 = 0x0101_0101_0101_0101
    var seen: UInt64 = 0
    while position + 8 <= end {
      // Eight bytes at a time. A byte below the one subtracted borrows from the next, so that above the first mark
      // there may be false ones; the first is right.
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let control = (word &- 0x20 &* ones) & ~word
      let quotes = word ^ (0x22 &* ones)
      let backslashes = word ^ (0x5C &* ones)
      let marks =
        (control | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes) & highBits
      if marks != 0 {
        let count = marks.trailingZeroBitCount >> 3
        position += count
        // The bytes before the mark.
        return (seen | word & (1 << UInt64(8 * count) &- 1)) & highBits == 0
      }
      seen |= word
      position += 8
    }
    while position < end {
      let byte = bytes[position]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      seen |= UInt64(byte)
      position += 1
    }
    return seen & highBits == 0
  }

  private static func invalidUTF8(startingAt start: Int) -> JSONFault {
    JSONFault(position: start, problem: "the string is not valid UTF-8")
  }

  private mutating func appendEscape(to utf8: inout [UInt8]) throws(JSONFault) {
    position += 1
    guard position < end else { throw fault("a string has no end") }
    let escape = bytes[position]
    position += 1
    switch escape {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): utf8.append(escape)
    case UInt8(ascii: "b"): utf8.append(0x08)
    case UInt8(ascii: "f"): utf8.append(0x0C)
    case UInt8(ascii: "n"): utf8.append(0x0A)
    case UInt8(ascii: "r"): utf8.append(0x0D)
    case UInt8(ascii: "t"): utf8.append(0x09)
    case UInt8(ascii: "u"):
      for byte in UTF8.encode(try escapedScalar()) ?? UTF8.encodedReplacementCharacter { utf8.append(byte) }
    default: throw JSONFault(position: position - 1, problem: "unknown escape in a string")
    }
  }

  /// What follows `\u`: four hexadecimal digits, twice for a scalar that UTF-16 spells as a pair.
  private mutating func escapedScalar() throws(JSONFault) -> Unicode.Scalar {
    let start = position
    var value = try hexadecimal()
    if value & 0xFC00 == 0xD800, skip(word: "\\u") {
      let low = try hexadecimal()
      guard low & 0xFC00 == 0xDC00 else {
        throw JSONFault(position: start, problem: "half of a surrogate pair")
      }
      value = 0x10000 + (value & 0x3FF) << 10 + low & 0x3FF
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw JSONFault(position: start, problem: "half of a surrogate pair")
    }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < end, let digit = Self.hexadecimalDigit(bytes[position]) else {
        throw fault("expected four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
