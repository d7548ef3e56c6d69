/// Turns values into the bytes that Python's `json.dumps` gives.
struct JSONTextWriter {
  let format: JSONFormat
  private(set) var utf8: [UInt8] = []

  init(format: JSONFormat) { self.format = format }

  mutating func append(_ value: JSONValue, level: Int) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): append(String(value))
    case .largeInteger(let digits): append(digits)
    case .double(let value): append(PythonFloat.text(value))
    case .string(let value): appendQuoted(value)
    case .array(let elements):
      appendContainer(elements, "[", "]", level: level) { $0.append($1, level: level + 1) }
    case .object(let object):
      appendContainer(ordered(object), "{", "}", level: level) { writer, member in
        writer.appendQuoted(member.key)
        writer.append(": ")
        writer.append(member.value, level: level + 1)
      }
    }
  }

  private func ordered(_ object: JSONObject) -> [(key: String, value: JSONValue)] {
    guard format.sortsKeys else { return Array(object) }
    // The order of UTF-8 bytes is the order of code points.
    return object.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }

  private mutating func appendContainer<Item>(
    _ items: [Item], _ opening: StaticString, _ closing: StaticString, level: Int,
    _ appendItem: (inout Self, Item) -> Void
  ) {
    append(opening)
    for (index, item) in items.enumerated() {
      if index > 0 { append(format.indent == nil ? ", " : ",") }
      startLine(level: level + 1)
      appendItem(&self, item)
    }
    if !items.isEmpty { startLine(level: level) }
    append(closing)
  }

  private mutating func startLine(level: Int) {
    guard let indent = format.indent else { return }
    utf8.append(UInt8(ascii: "\n"))
    utf8.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
  }

  private mutating func appendQuoted(_ string: String) {
    append("\"")
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": append("\\\"")
      case "\\": append("\\\\")
      case "\n": append("\\n")
      case "\r": append("\\r")
      case "\t": append("\\t")
      case "\u{8}": append("\\b")
      case "\u{C}": append("\\f")
      case _ where scalar.value < 0x20 || format.escapesNonASCII && scalar.value >= 0x7F:
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { appendEscape(unit) }
      default: utf8.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    append("\"")
  }

  private mutating func appendEscape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    append("\\u")
    utf8.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count))
    append(digits)
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { utf8.append(contentsOf: $0) }
  }

  private mutating func append(_ text: String) { utf8.append(contentsOf: text.utf8) }
}
