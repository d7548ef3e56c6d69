/// Writes JSON as UTF-8 bytes, indented by two spaces like Hugging Face's files.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ number: Int) {
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Begins a line that is indented `level` times.
  mutating func newLine(_ level: Int) {
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
  }

  mutating func append(string: some Sequence<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in string {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x00..<0x20:
        append("\\u00")
        bytes.append(contentsOf: [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func append(_ value: TokenizerJSON, level: Int = 0) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .number(let spelling): bytes.append(contentsOf: spelling.utf8)
    case .string(let text): append(string: text.utf8)
    case .array(let elements):
      list("[", "]", elements, level: level) { writer, element in writer.append(element, level: level + 1) }
    case .object(let members):
      list("{", "}", members, level: level) { writer, member in
        writer.append(string: member.key.utf8)
        writer.append(": ")
        writer.append(member.value, level: level + 1)
      }
    }
  }

  /// Writes `items` between brackets, one a line.
  mutating func list<Items: Collection>(
    _ open: StaticString, _ close: StaticString, _ items: Items, level: Int,
    item body: (inout JSONWriter, Items.Element) -> Void
  ) {
    append(open)
    var isFirst = true
    for item in items {
      if !isFirst { append(",") }
      isFirst = false
      newLine(level + 1)
      body(&self, item)
    }
    if !isFirst { newLine(level) }
    append(close)
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
