/// How JSON text is laid out, in the terms of Python's `json.dumps`.
public struct JSONFormat: Sendable, Equatable {
  /// Spaces per level, each member on a line of its own; nil for everything on one line.
  public var indent: Int?
  /// Members in the order of their keys' code points instead of their own order.
  public var sortsKeys: Bool
  /// Everything outside ASCII written as `\u` escapes.
  public var escapesNonASCII: Bool

  public init(indent: Int?, sortsKeys: Bool, escapesNonASCII: Bool) {
    self.indent = indent
    self.sortsKeys = sortsKeys
    self.escapesNonASCII = escapesNonASCII
  }

  /// `json.dumps(value, indent=2, sort_keys=True)`, as Transformers writes config.json.
  public static let config = JSONFormat(indent: 2, sortsKeys: true, escapesNonASCII: true)
  /// `json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)`, as it writes tokenizer_config.json.
  public static let tokenizer = JSONFormat(indent: 2, sortsKeys: true, escapesNonASCII: false)
  /// `json.dumps(value, ensure_ascii=False)`.
  public static let plainLine = JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: false)
  /// `json.dumps(value)`.
  public static let oneLine = JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: true)
}

extension JSONValue {
  /// The text that Python's `json.dumps` gives.
  public func text(_ format: JSONFormat = .config) -> String {
    var writer = JSONWriter(format)
    writer.append(self)
    return String(decoding: writer.utf8, as: UTF8.self)
  }
}

/// Writes JSON text as Python's `json.dumps` spells it, value after value, so that a vocabulary needn't become a tree.
///
///     writer.object { writer in
///       writer.key("a")
///       writer.append(1)
///     }
package struct JSONWriter {
  package let format: JSONFormat
  package private(set) var utf8: [UInt8] = []
  private var level = 0
  /// Whether the innermost container holds something already.
  private var needsComma = false

  package init(_ format: JSONFormat) { self.format = format }

  /// Writes an object; `members` calls ``key(_:)`` and writes a value for each.
  package mutating func object(_ members: (inout JSONWriter) -> Void) { container("{", "}", members) }

  /// Writes a list; `elements` calls ``element()`` and writes a value for each.
  package mutating func array(_ elements: (inout JSONWriter) -> Void) { container("[", "]", elements) }

  /// Begins a member.
  package mutating func key(_ name: String) {
    element()
    append(name)
    append(raw: ": ")
  }

  /// Begins a member whose name is `utf8`.
  package mutating func key(utf8 name: ArraySlice<UInt8>) {
    element()
    append(utf8: name)
    append(raw: ": ")
  }

  /// Begins an element.
  package mutating func element() {
    if needsComma { append(raw: format.indent == nil ? ", " : ",") }
    needsComma = true
    startLine()
  }

  package mutating func append(_ value: JSONValue) {
    switch value {
    case .null: append(raw: "null")
    case .bool(let value): append(raw: value ? "true" : "false")
    case .int(let value): append(value)
    case .largeInteger(let digits): utf8.append(contentsOf: digits.utf8)
    case .double(let value): utf8.append(contentsOf: PythonFloat.text(value).utf8)
    case .string(let value): append(value)
    case .array(let elements):
      array { writer in
        for element in elements {
          writer.element()
          writer.append(element)
        }
      }
    case .object(let members):
      object { writer in
        for (key, value) in writer.ordered(members) {
          writer.key(key)
          writer.append(value)
        }
      }
    }
  }

  package mutating func append(_ value: Int) { utf8.append(contentsOf: String(value).utf8) }

  package mutating func append(_ string: String) {
    let hasEscapedBytes = FileName.hasEscapes(string)
    guard format.escapesNonASCII || hasEscapedBytes else { return append(unescaped: string.utf8) }
    append(raw: "\"")
    for scalar in string.unicodeScalars {
      if hasEscapedBytes, let byte = FileName.byte(of: scalar) {
        append(escaped: 0xDC00 | UInt16(byte))
      } else if scalar.isASCII, scalar != "\u{7F}" || !format.escapesNonASCII {
        append(ascii: UInt8(scalar.value))
      } else if !format.escapesNonASCII {
        utf8.append(contentsOf: String(scalar).utf8)
      } else {
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { append(escaped: unit) }
      }
    }
    append(raw: "\"")
  }

  /// Appends a string that is `text` in UTF-8.
  package mutating func append(utf8 text: ArraySlice<UInt8>) {
    guard !format.escapesNonASCII else { return append(String(decoding: text, as: UTF8.self)) }
    append(unescaped: text)
  }

  private mutating func append(unescaped text: some Sequence<UInt8>) {
    append(raw: "\"")
    if text.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      utf8.append(contentsOf: text)
    } else {
      for byte in text { append(ascii: byte) }
    }
    append(raw: "\"")
  }

  private func ordered(_ object: JSONObject) -> [(key: String, value: JSONValue)] {
    guard format.sortsKeys else { return Array(object) }
    // The order of UTF-8 bytes is the order of code points.
    return object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private mutating func container(
    _ opening: StaticString, _ closing: StaticString, _ body: (inout JSONWriter) -> Void
  ) {
    append(raw: opening)
    level += 1
    needsComma = false
    body(&self)
    level -= 1
    if needsComma { startLine() }
    needsComma = true
    append(raw: closing)
  }

  private mutating func startLine() {
    guard let indent = format.indent else { return }
    utf8.append(UInt8(ascii: "\n"))
    utf8.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
  }

  private mutating func append(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): append(raw: "\\\"")
    case UInt8(ascii: "\\"): append(raw: "\\\\")
    case UInt8(ascii: "\n"): append(raw: "\\n")
    case UInt8(ascii: "\r"): append(raw: "\\r")
    case UInt8(ascii: "\t"): append(raw: "\\t")
    case 0x08: append(raw: "\\b")
    case 0x0C: append(raw: "\\f")
    case 0..<0x20: append(escaped: UInt16(byte))
    default: utf8.append(byte)
    }
  }

  private mutating func append(escaped unit: UInt16) {
    let digits = String(unit, radix: 16)
    append(raw: "\\u")
    utf8.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
    utf8.append(contentsOf: digits.utf8)
  }

  private mutating func append(raw text: StaticString) {
    text.withUTF8Buffer { utf8.append(contentsOf: $0) }
  }
}
