/// Reads little-endian numbers and runs of bytes one after the other, never beyond the end.
package struct ByteCursor {
  /// There are fewer bytes than were asked for.
  package struct EndOfBytes: Error {
    package init() {}
  }

  package let bytes: UnsafeRawBufferPointer
  package private(set) var position: Int

  package init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) throws(EndOfBytes) {
    guard position >= 0, position <= bytes.count else { throw EndOfBytes() }
    self.bytes = bytes
    self.position = position
  }

  package mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self
  ) throws(EndOfBytes) -> Integer {
    let start = try advance(MemoryLayout<Integer>.size)
    return Integer(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Integer.self))
  }

  /// A count that takes `Integer`'s bytes, if it is one that `Int` can hold.
  package mutating func count<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type
  ) throws(EndOfBytes) -> Int {
    guard let count = Int(exactly: try integer(type)), count >= 0 else { throw EndOfBytes() }
    return count
  }

  package mutating func take(_ count: Int) throws(EndOfBytes) -> UnsafeRawBufferPointer {
    let start = try advance(count)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  package mutating func skip(_ count: Int) throws(EndOfBytes) { _ = try advance(count) }

  /// The bytes before the next line feed, which is skipped.
  package mutating func line() throws(EndOfBytes) -> UnsafeRawBufferPointer {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw EndOfBytes() }
    let line = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
    position = end + 1
    return line
  }

  private mutating func advance(_ count: Int) throws(EndOfBytes) -> Int {
    guard count >= 0, count <= bytes.count - position else { throw EndOfBytes() }
    defer { position += count }
    return position
  }
}
