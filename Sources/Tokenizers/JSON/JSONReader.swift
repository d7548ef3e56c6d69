/// Reads JSON from bytes without building a tree, so that a vocabulary of 50,000 entries goes straight into arrays.
///
/// The bytes must outlive the reader; use it inside ``FileBytes/read(_:_:)``.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let file: String
  private var position = 0
  private var depth = 0
  /// Reused by strings with escapes.
  private var unescaped: [UInt8] = []

  /// Deeper documents are refused, because reading recurses.
  private static let maximumDepth = 100

  init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) {
    self.bytes = bytes
    self.file = file
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// An error at the present place.
  func problem(_ text: String) -> TokenizerError {
    .invalid(file: file, problem: "\(text) at byte \(position)")
  }

  private func expected(_ what: String) -> TokenizerError {
    problem(position < bytes.count ? "expected \(what)" : "the file ends where \(what) was expected")
  }

  // MARK: Structure

  /// Calls `body` at the value of each member of an object; `body` must read that value.
  mutating func members(_ body: (inout JSONReader, _ key: String) throws -> Void) throws {
    try rawMembers { reader, key in
      try body(&reader, String(decoding: key, as: UTF8.self))
    }
  }

  /// As ``members(_:)``, with the key's bytes, which are valid until `body` reads on.
  mutating func rawMembers(_ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws -> Void) throws {
    try enter("{", UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return leave() }
    repeat {
      try withString { reader, key in
        guard reader.take(UInt8(ascii: ":")) else { throw reader.expected("':'") }
        try body(&reader, key)
      }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw expected("',' or '}'") }
    leave()
  }

  /// Calls `body` at each element of an array; `body` must read it.
  mutating func elements(_ body: (inout JSONReader) throws -> Void) throws {
    try enter("[", UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return leave() }
    repeat { try body(&self) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw expected("',' or ']'") }
    leave()
  }

  /// Makes sure that nothing but white space follows.
  mutating func end() throws {
    skipSpace()
    guard position == bytes.count else { throw problem("unexpected text after the document") }
  }

  /// The first byte of the next value.
  mutating func peek() -> UInt8? {
    skipSpace()
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func enter(_ name: String, _ byte: UInt8) throws {
    guard take(byte) else { throw expected("'\(name)'") }
    depth += 1
    guard depth <= Self.maximumDepth else { throw problem("nested more than \(Self.maximumDepth) deep") }
  }

  private mutating func leave() { depth -= 1 }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  // MARK: Values

  /// Reads any value into a tree.
  mutating func value() throws -> TokenizerJSON {
    switch peek() {
    case UInt8(ascii: "{"):
      var members: [TokenizerJSON.Member] = []
      try self.members { reader, key in members.append(.init(key: key, value: try reader.value())) }
      return .object(members)
    case UInt8(ascii: "["):
      var elements: [TokenizerJSON] = []
      try self.elements { reader in elements.append(try reader.value()) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: return .number(try number())
    }
  }

  private mutating func literal(_ word: String, _ value: TokenizerJSON) throws -> TokenizerJSON {
    guard bytes[position...].starts(with: word.utf8) else { throw expected("a value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws -> String {
    let start = position
    while position < bytes.count, Self.isInNumber(bytes[position]) { position += 1 }
    let spelling = String(decoding: bytes[start..<position], as: UTF8.self)
    guard Double(spelling) != nil else {
      position = start
      throw expected("a value")
    }
    return spelling
  }

  private static func isInNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
      UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// Reads a token id: a whole number from 0 to ``Vocabulary/maximumID``.
  mutating func tokenID() throws -> Int32 {
    skipSpace()
    let start = position
    var id = 0
    while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"), digit < 10 {
      id = id * 10 + Int(digit)
      position += 1
      guard id <= Vocabulary.maximumID else {
        position = start
        throw problem("a token id above \(Vocabulary.maximumID)")
      }
    }
    if position < bytes.count, position == start || Self.isInNumber(bytes[position]) {
      position = start
      throw problem("a token id that is no whole number from 0")
    }
    guard position > start else { throw expected("a token id") }
    return Int32(id)
  }

  // MARK: Strings

  mutating func string() throws -> String {
    try withString { _, bytes in String(decoding: bytes, as: UTF8.self) }
  }

  /// Reads a string and calls `body` with its UTF-8 bytes.
  mutating func withString<Result>(
    _ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws -> Result
  ) throws -> Result {
    guard take(UInt8(ascii: "\"")) else { throw expected("a string") }
    let start = position
    var isASCII: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let content = UnsafeBufferPointer(rebasing: bytes[start..<position])
        try checkUTF8(content, mayBeInvalid: isASCII >= 0x80)
        position += 1
        return try body(&self, content)
      }
      if byte == UInt8(ascii: "\\") { return try withEscapedString(from: start, body) }
      guard byte >= 0x20 else { throw problem("an unescaped control character in a string") }
      isASCII |= byte
      position += 1
    }
    throw expected("the end of a string")
  }

  private mutating func withEscapedString<Result>(
    from start: Int, _ body: (inout JSONReader, UnsafeBufferPointer<UInt8>) throws -> Result
  ) throws -> Result {
    var content: [UInt8] = []
    swap(&content, &unescaped)
    content.removeAll(keepingCapacity: true)
    content.append(contentsOf: bytes[start..<position])
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      let byte = bytes[position]
      guard byte >= 0x20 else { throw problem("an unescaped control character in a string") }
      position += 1
      if byte == UInt8(ascii: "\\") { try appendEscape(to: &content) } else { content.append(byte) }
    }
    guard position < bytes.count else { throw expected("the end of a string") }
    position += 1
    let result = try content.withUnsafeBufferPointer { content in
      try checkUTF8(content, mayBeInvalid: true)
      return try body(&self, content)
    }
    swap(&content, &unescaped)
    return result
  }

  private mutating func appendEscape(to content: inout [UInt8]) throws {
    guard position < bytes.count else { throw expected("an escape") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"): content.append(contentsOf: String(try escapedScalar()).utf8)
    default: throw problem("an unknown escape")
    }
  }

  /// The scalar of `\uXXXX`, or of two such escapes that make a surrogate pair.
  private mutating func escapedScalar() throws -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    {
      position += 2
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw problem("half of a surrogate pair")
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard position + 4 <= bytes.count,
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw problem("a broken \\u escape") }
    position += 4
    return value
  }

  private func checkUTF8(_ content: UnsafeBufferPointer<UInt8>, mayBeInvalid: Bool) throws {
    guard !mayBeInvalid || String(validating: content, as: UTF8.self) != nil else {
      throw problem("a string that is no UTF-8")
    }
  }
}
