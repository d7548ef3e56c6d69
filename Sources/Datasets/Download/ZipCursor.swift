/// Reads a zip file's little-endian numbers one after the other.
struct ZipCursor {
  /// There are fewer bytes than were asked for.
  struct EndOfBytes: Error {}

  private let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) throws(EndOfBytes) {
    guard position >= 0, position <= bytes.count else { throw EndOfBytes() }
    self.bytes = bytes
    self.position = position
  }

  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self
  ) throws(EndOfBytes) -> Integer {
    let field = try take(MemoryLayout<Integer>.size)
    return Integer(littleEndian: field.loadUnaligned(as: Integer.self))
  }

  /// A number that counts bytes or entries.
  mutating func count<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type
  ) throws(EndOfBytes) -> Int {
    guard let count = Int(exactly: try integer(type)), count >= 0 else { throw EndOfBytes() }
    return count
  }

  mutating func take(_ count: Int) throws(EndOfBytes) -> UnsafeRawBufferPointer {
    guard count >= 0, count <= bytes.count - position else { throw EndOfBytes() }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }

  mutating func skip(_ count: Int) throws(EndOfBytes) { _ = try take(count) }
}
