/// Reads numbers and runs of bytes from a file in memory; reading past the end throws.
struct ByteReader {
  let bytes: ArraySlice<UInt8>
  let format: ImageFormat
  /// The index of the next byte, counted from the start of `bytes`.
  private(set) var offset = 0

  init(_ bytes: ArraySlice<UInt8>, format: ImageFormat) {
    self.bytes = bytes
    self.format = format
  }

  init(_ bytes: [UInt8], format: ImageFormat) {
    self.init(bytes[...], format: format)
  }

  /// The number of bytes left.
  var remaining: Int { bytes.count - offset }

  /// Moves to `offset`, counted from the start.
  mutating func seek(to offset: Int) throws {
    guard (0...bytes.count).contains(offset) else { throw ImageError.truncated(format: format.rawValue) }
    self.offset = offset
  }

  /// The next `count` bytes.
  mutating func read(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw ImageError.truncated(format: format.rawValue) }
    let start = bytes.startIndex + offset
    offset += count
    return bytes[start..<start + count]
  }

  /// The next bytes, at most `count`.
  mutating func readUp(to count: Int) throws -> ArraySlice<UInt8> {
    try read(min(count, remaining))
  }

  mutating func readUInt8() throws -> UInt8 {
    let byte = try read(1)
    return byte[byte.startIndex]
  }

  mutating func readBigEndian<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
    try read(MemoryLayout<Number>.size).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  mutating func readLittleEndian<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
    try read(MemoryLayout<Number>.size).reversed().reduce(0) {
      $0 << 8 | Number(truncatingIfNeeded: $1)
    }
  }
}
