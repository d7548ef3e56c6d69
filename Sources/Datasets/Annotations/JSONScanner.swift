import Foundation

/// Reads JSON text from front to back and builds only what is asked for.
///
/// An annotation file of COCO's size as a tree of values would take gigabytes; passing over it takes none. The
/// structure of all the text is checked, what is skipped too. Keys are compared as bytes.
struct JSONScanner {
  /// What is wrong, and at which byte.
  struct Fault: Error {
    let position: Int
    let problem: String
    /// Whether the text is JSON, but holds something other than what its reader needs.
    var isMismatch = false
  }

  /// A key as it stands in the text, between its quotes.
  struct Key {
    fileprivate let bytes: UnsafeRawBufferPointer

    static func ~= (name: StaticString, key: Key) -> Bool {
      guard key.bytes.count == name.utf8CodeUnitCount else { return false }
      for index in 0..<key.bytes.count where key.bytes[index] != name.utf8Start[index] { return false }
      return true
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  private static let maximumDepth = 256

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    // A byte order mark, which Windows' editors write, means nothing in UTF-8.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next byte that is no white space, without going past it.
  @inline(__always)
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Goes past `{ "key": value, … }`; `member` reads each value.
  mutating func members(_ member: (inout JSONScanner, Key) throws(Fault) -> Void) throws(Fault) {
    guard peek() == UInt8(ascii: "{") else { throw mismatch("an object") }
    position += 1
    if skip(UInt8(ascii: "}")) { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw fault("expected a key in double quotes") }
      position += 1
      let start = position
      try skipRestOfString()
      let key = Key(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1]))
      try expect(UInt8(ascii: ":"))
      try member(&self, key)
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw fault("expected ',' or '}'") }
  }

  /// Goes past `[ value, … ]`; `element` reads each value.
  mutating func elements(_ element: (inout JSONScanner) throws(Fault) -> Void) throws(Fault) {
    guard peek() == UInt8(ascii: "[") else { throw mismatch("a list") }
    position += 1
    if skip(UInt8(ascii: "]")) { return }
    repeat { try element(&self) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw fault("expected ',' or ']'") }
  }

  /// Reads an integer.
  mutating func integer() throws(Fault) -> Int {
    let first = peek()
    let start = position
    guard let first, first == UInt8(ascii: "-") || Self.isDigit(first) else { throw mismatch("an integer") }
    if first == UInt8(ascii: "-") { position += 1 }
    var value = 0
    var overflow = false
    let digits = position
    while position < bytes.count, Self.isDigit(bytes[position]) {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, stillTooLarge) = product.addingReportingOverflow(Int(bytes[position] - UInt8(ascii: "0")))
      overflow = overflow || tooLarge || stillTooLarge
      value = sum
      position += 1
    }
    let isLeadingZero = position - digits > 1 && bytes[digits] == UInt8(ascii: "0")
    let goesOn = position < bytes.count && [0x2E, 0x45, 0x65].contains(bytes[position])
    guard !overflow, !goesOn, !isLeadingZero, position > digits else {
      position = start
      throw mismatch("an integer")
    }
    return first == UInt8(ascii: "-") ? -value : value
  }

  /// Reads a string.
  mutating func string() throws(Fault) -> String {
    guard peek() == UInt8(ascii: "\"") else { throw mismatch("a string") }
    position += 1
    let start = position
    let isPlain = try skipRestOfString()
    let content = UnsafeRawBufferPointer(rebasing: bytes[start..<position - 1])
    let text = isPlain ? String(validating: content, as: UTF8.self) : unescaped(start - 1..<position)
    guard let text else { throw Fault(position: start, problem: "the string is not valid Unicode") }
    return text
  }

  /// Goes past `null` if it is next.
  mutating func skipNull() -> Bool {
    peek() == UInt8(ascii: "n") && skip(word: "null")
  }

  /// Goes past a value of any kind.
  mutating func skipValue(depth: Int = 0) throws(Fault) {
    guard depth <= Self.maximumDepth else {
      throw fault("more than \(Self.maximumDepth) containers inside each other")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      try members { (scanner, _) throws(Fault) in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      try elements { (scanner) throws(Fault) in try scanner.skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""):
      position += 1
      try skipRestOfString()
    case UInt8(ascii: "t") where skip(word: "true"): break
    case UInt8(ascii: "f") where skip(word: "false"): break
    case UInt8(ascii: "n") where skip(word: "null"): break
    default: try skipNumber()
    }
  }

  /// Nothing but white space may follow.
  mutating func expectEnd() throws(Fault) {
    if peek() != nil { throw fault("expected the end of the text") }
  }

  /// The fault that something other than `expected` comes next.
  mutating func mismatch(_ expected: String) -> Fault {
    _ = peek()
    var rest = self
    // What is no JSON at all is the graver fault.
    do throws(Fault) { try rest.skipValue() } catch { return error }
    let found = String(decoding: bytes[position..<min(rest.position, position + 60)], as: UTF8.self)
    let ellipsis = rest.position - position > 60 ? "…" : ""
    return Fault(
      position: position, problem: "expected \(expected), found \(found)\(ellipsis)", isMismatch: true)
  }

  private func fault(_ problem: String) -> Fault {
    Fault(
      position: position, problem: position < bytes.count ? problem : "\(problem), but the text ends here")
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: UInt8) throws(Fault) {
    guard skip(byte) else { throw fault("expected '\(Character(UnicodeScalar(byte)))'") }
  }

  private mutating func skip(word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count, word.withUTF8Buffer({ bytes[position..<end].elementsEqual($0) }) else {
      return false
    }
    position = end
    return true
  }

  /// Goes past the closing quote; says whether there was no escape on the way.
  @discardableResult
  private mutating func skipRestOfString() throws(Fault) -> Bool {
    var isPlain = true
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return isPlain
      }
      guard byte >= 0x20 else { throw fault("a control character inside a string") }
      if byte == UInt8(ascii: "\\") {
        isPlain = false
        position += 1
      }
      position += 1
    }
    position = bytes.count
    throw fault("a string has no end")
  }

  // Rare, so the whole work is left to Foundation: `range` holds a string with its quotes.
  private func unescaped(_ range: Range<Int>) -> String? {
    let text = Data(bytes[range])
    return try? JSONDecoder().decode(String.self, from: text)
  }

  private mutating func skipNumber() throws(Fault) {
    for word in ["NaN", "Infinity", "-Infinity"] as [StaticString] where skip(word: word) { return }
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
    let start = position
    try skipDigits()
    if position - start > 1, bytes[start] == UInt8(ascii: "0") { throw fault("a number starts with 0") }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try skipDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[position]) {
        position += 1
      }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(Fault) {
    let start = position
    while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
    if position == start { throw fault("expected a value") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
