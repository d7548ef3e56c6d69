/// Reads JSON text from front to back and builds only what is asked for.
///
/// An annotation file of COCO's size as a tree of values would take gigabytes; passing over it takes none, and a
/// vocabulary goes straight into arrays. Every byte is held against RFC 8259, in what is skipped too. Python's `NaN`,
/// `Infinity` and `-Infinity` count as numbers, and a byte order mark, which Windows' editors write, as nothing.
///
/// A fault that comes out of ``members(_:)`` and ``elements(_:)`` knows the path that led to it.
package struct JSONCursor {
  /// The text, which must outlive the cursor and the ``JSONText`` that it gives.
  package let bytes: UnsafeRawBufferPointer
  /// How many bytes the text has.
  let end: Int
  package internal(set) var position = 0
  private var depth = 0

  /// Containers nested deeper than this are refused, so that no file can exhaust the stack.
  package static let maximumDepth = 256

  package init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    end = bytes.count
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next byte that is no white space, without going past it.
  @inline(__always)
  package mutating func peek() -> UInt8? {
    while position < end {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Goes past `{ "key": value, … }`; `member` reads each value.
  package mutating func members(
    _ member: (inout JSONCursor, JSONText) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try enter(UInt8(ascii: "{"), "an object")
    defer { depth -= 1 }
    if skip(UInt8(ascii: "}")) { return }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw fault("expected a key in double quotes") }
      let key = try text()
      guard skip(UInt8(ascii: ":")) else { throw fault("expected ':'") }
      do throws(JSONFault) {
        try member(&self, key)
      } catch {
        throw error.inside(key.string)
      }
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw fault("expected ',' or '}'") }
  }

  /// Goes past `[ value, … ]`; `element` reads each value.
  package mutating func elements(
    _ element: (inout JSONCursor) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    try enter(UInt8(ascii: "["), "a list")
    defer { depth -= 1 }
    if skip(UInt8(ascii: "]")) { return }
    var index = 0
    repeat {
      do throws(JSONFault) {
        try element(&self)
      } catch {
        throw error.inside(index: index)
      }
      index += 1
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw fault("expected ',' or ']'") }
  }

  /// Goes past `null` if it is next.
  package mutating func skipNull() -> Bool {
    peek() == UInt8(ascii: "n") && skip(word: "null")
  }

  /// Goes past a value of any kind.
  package mutating func skipValue() throws(JSONFault) {
    switch peek() {
    case UInt8(ascii: "{"): try members { (cursor, _) throws(JSONFault) in try cursor.skipValue() }
    case UInt8(ascii: "["): try elements { (cursor) throws(JSONFault) in try cursor.skipValue() }
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t") where skip(word: "true"): break
    case UInt8(ascii: "f") where skip(word: "false"): break
    case UInt8(ascii: "n") where skip(word: "null"): break
    default: _ = try skipNumber()
    }
  }

  /// Reads a value of any kind. As in Python, the last of several members with the same key counts.
  package mutating func value() throws(JSONFault) -> JSONValue {
    switch peek() {
    case UInt8(ascii: "{"):
      var object = JSONObject()
      try members { (cursor, key) throws(JSONFault) in object[key.string] = try cursor.value() }
      return .object(object)
    case UInt8(ascii: "["):
      var array: [JSONValue] = []
      try elements { (cursor) throws(JSONFault) in array.append(try cursor.value()) }
      return .array(array)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where skip(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where skip(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where skip(word: "null"): return .null
    default: return try number()
    }
  }

  /// Nothing but white space may follow.
  package mutating func expectEnd() throws(JSONFault) {
    if peek() != nil { throw fault("expected the end of the text") }
  }

  // MARK: Faults

  /// The fault that `problem` is here.
  package func fault(_ problem: String) -> JSONFault {
    JSONFault(
      position: position, problem: position < end ? problem : "\(problem), but the text ends here")
  }

  /// The fault that something other than `expected` comes next.
  package mutating func mismatch(_ expected: String) -> JSONFault {
    _ = peek()
    var rest = self
    // What is no JSON at all is the graver fault.
    do throws(JSONFault) { try rest.skipValue() } catch { return error }
    let found = String(decoding: bytes[position..<min(rest.position, position + 60)], as: UTF8.self)
    let ellipsis = rest.position - position > 60 ? "…" : ""
    return JSONFault(
      position: position, problem: "expected \(expected), found \(found)\(ellipsis)", isMismatch: true)
  }

  /// The fault that the object that was just read has no `name` of use.
  package func missing(_ name: String, _ problem: String) -> JSONFault {
    JSONFault(position: position, problem: problem, isMismatch: true).inside(name)
  }

  // MARK: Bytes

  func at(_ byte: UInt8) -> Bool { position < end && bytes[position] == byte }

  mutating func skip(word: StaticString) -> Bool {
    let after = position + word.utf8CodeUnitCount
    guard after <= end, word.withUTF8Buffer({ bytes[position..<after].elementsEqual($0) }) else {
      return false
    }
    position = after
    return true
  }

  @inline(__always)
  private mutating func skip(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  private mutating func enter(_ bracket: UInt8, _ kind: String) throws(JSONFault) {
    guard peek() == bracket else { throw mismatch(kind) }
    guard depth < Self.maximumDepth else {
      throw fault("more than \(Self.maximumDepth) containers inside each other")
    }
    position += 1
    depth += 1
  }
}

/// What is wrong with a JSON text, and at which byte.
package struct JSONFault: Error {
  package let position: Int
  package let problem: String
  /// Whether the text is JSON, but holds something other than what its reader needs.
  package let isMismatch: Bool
  /// The dotted path of the value that was being read, as far as it is known yet: `annotations[17].caption`.
  package private(set) var path = ""

  package init(position: Int, problem: String, isMismatch: Bool = false) {
    self.position = position
    self.problem = problem
    self.isMismatch = isMismatch
  }

  /// The fault as the object sees it that has it in its member `name`.
  func inside(_ name: String) -> JSONFault {
    // A stranger's key may be anything; an error is one line.
    inside(component: name.prefix(60).split(whereSeparator: \.isNewline).joined(separator: " "))
  }

  /// The fault as the list sees it that has it in an element.
  func inside(index: Int) -> JSONFault { inside(component: "[\(index)]") }

  private func inside(component: String) -> JSONFault {
    var fault = self
    fault.path = component + (path.isEmpty || path.hasPrefix("[") ? path : ".\(path)")
    return fault
  }
}
