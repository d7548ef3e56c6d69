/// A message in Protocol Buffers' wire format, built field by field.
struct ProtobufMessage: Sendable {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Int, field: Int) {
    appendKey(field, wireType: 0)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func append(_ value: Double, field: Int) {
    appendKey(field, wireType: 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Float, field: Int) {
    appendKey(field, wireType: 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: some Collection<UInt8>, field: Int) {
    appendKey(field, wireType: 2)
    appendVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func append(_ value: String, field: Int) { append(value.utf8, field: field) }

  /// Appends a message inside this one.
  mutating func append(field: Int, _ fill: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    fill(&message)
    append(message.bytes, field: field)
  }

  private mutating func appendKey(_ field: Int, wireType: Int) {
    appendVarint(UInt64(field << 3 | wireType))
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
