import VignetteFiles

/// Reads the fields of a protocol buffer message one after the other, never beyond its end.
/// (https://protobuf.dev/programming-guides/encoding)
struct ProtobufReader {
  /// A field's value as it stands in the file. Bytes belong to the file.
  enum Value {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(UnsafeRawBufferPointer)
    case fixed32(UInt32)

    /// What errors call the wire type.
    private var kind: String {
      switch self {
      case .varint: "a varint"
      case .fixed64: "64 bits"
      case .bytes: "bytes"
      case .fixed32: "32 bits"
      }
    }

    func message() throws(TokenizerFault) -> ProtobufReader { ProtobufReader(try bytes()) }

    func bytes() throws(TokenizerFault) -> UnsafeRawBufferPointer {
      guard case .bytes(let bytes) = self else { throw mismatch("bytes") }
      return bytes
    }

    func string() throws(TokenizerFault) -> String {
      guard let text = String(validating: try bytes(), as: UTF8.self) else {
        throw TokenizerFault(problem: "a string is no UTF-8")
      }
      return text
    }

    func float() throws(TokenizerFault) -> Float {
      guard case .fixed32(let bits) = self else { throw mismatch("32 bits") }
      return Float(bitPattern: bits)
    }

    /// An `int32` or an enumeration's value, which negative take ten bytes.
    func int32() throws(TokenizerFault) -> Int {
      guard case .varint(let value) = self else { throw mismatch("a varint") }
      return Int(Int32(truncatingIfNeeded: value))
    }

    func bool() throws(TokenizerFault) -> Bool {
      guard case .varint(let value) = self else { throw mismatch("a varint") }
      return value != 0
    }

    private func mismatch(_ expected: String) -> TokenizerFault {
      TokenizerFault(problem: "expected \(expected), found \(kind)")
    }
  }

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next field's number and value, nil at the end.
  mutating func next() throws(TokenizerFault) -> (number: Int, value: Value)? {
    guard position < bytes.count else { return nil }
    let start = position
    let tag = try varint()
    guard tag >> 3 > 0, tag >> 3 < 1 << 29 else { throw TokenizerFault(problem: "no field at byte \(start)") }
    let number = Int(tag >> 3)
    switch tag & 7 {
    case 0: return (number, .varint(try varint()))
    case 1: return (number, .fixed64(try integer()))
    case 2:
      let count = try varint()
      guard count <= UInt64(bytes.count - position) else {
        throw TokenizerFault(
          problem: "field \(number) at byte \(start) has \(count) bytes, but \(bytes.count - position) follow"
        )
      }
      defer { position += Int(count) }
      return (number, .bytes(UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])))
    case 5: return (number, .fixed32(try integer()))
    case let type: throw TokenizerFault(problem: "field \(number) at byte \(start) has the wire type \(type)")
    }
  }

  private mutating func varint() throws(TokenizerFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard position < bytes.count else { throw TokenizerFault(problem: "it ends inside a number") }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw TokenizerFault(problem: "a number at byte \(position - 10) takes more than ten bytes")
  }

  private mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>() throws(TokenizerFault)
    -> Integer
  {
    guard bytes.count - position >= MemoryLayout<Integer>.size else {
      throw TokenizerFault(problem: "it ends inside a number")
    }
    defer { position += MemoryLayout<Integer>.size }
    return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Integer.self))
  }
}
