/// A string of a JSON text as UTF-8, its escapes resolved.
///
/// Keys and tokens are told apart by their bytes, and a vocabulary needs no `String` for each of its tokens. Valid
/// while the text that it was read from is.
package struct JSONText {
  /// The string as it stands in the text, if it has no escape.
  private let plain: UnsafeBufferPointer<UInt8>
  private let unescaped: [UInt8]?

  init(_ plain: UnsafeRawBufferPointer) {
    self.plain = plain.assumingMemoryBound(to: UInt8.self)
    unescaped = nil
  }

  init(unescaped: [UInt8]) {
    plain = UnsafeBufferPointer(start: nil, count: 0)
    self.unescaped = unescaped
  }

  // Not generic: across rooms, that would be slow.
  package func withBytes(
    _ body: (UnsafeBufferPointer<UInt8>) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    guard let unescaped else { return try body(plain) }
    try unescaped.withUnsafeBufferPointer(body)
  }

  package var string: String {
    unescaped.map { String(decoding: $0, as: UTF8.self) } ?? String(decoding: plain, as: UTF8.self)
  }

  package static func ~= (name: StaticString, text: JSONText) -> Bool {
    func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
      guard bytes.count == name.utf8CodeUnitCount else { return false }
      for index in 0..<bytes.count where bytes[index] != name.utf8Start[index] { return false }
      return true
    }
    return text.unescaped?.withUnsafeBufferPointer(isName) ?? isName(text.plain)
  }
}

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
    // Python's spelling of a file name's bytes that aren't UTF-8.
    if (0xDC80...0xDCFF).contains(value), let escape = FileName.escape(UInt8(value & 0xFF)) { return escape }
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

/// Tells UTF-8 from other bytes.
///
/// `String(validating:)` says the same, at a third of the time that a whole vocabulary takes to load.
enum UTF8Check {
  /// Whether `bytes` are well-formed, by table 3-7 of the Unicode standard.
  static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      index += 1
      if lead < 0x80 { continue }
      let following: Int
      // What the second byte may be; further ones are 80 to BF.
      var allowed: ClosedRange<UInt8> = 0x80...0xBF
      switch lead {
      case 0xC2...0xDF: following = 1
      case 0xE0: (following, allowed) = (2, 0xA0...0xBF)
      // No surrogates.
      case 0xED: (following, allowed) = (2, 0x80...0x9F)
      case 0xE1...0xEF: following = 2
      case 0xF0: (following, allowed) = (3, 0x90...0xBF)
      case 0xF1...0xF3: following = 3
      // Nothing above U+10FFFF.
      case 0xF4: (following, allowed) = (3, 0x80...0x8F)
      default: return false
      }
      guard index + following <= bytes.count, allowed.contains(bytes[index]) else { return false }
      for byte in bytes[index + 1..<index + following] where byte & 0xC0 != 0x80 { return false }
      index += following
    }
    return true
  }
}
