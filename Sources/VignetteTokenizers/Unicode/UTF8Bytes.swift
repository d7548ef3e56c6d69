/// Reading and writing Unicode scalars in buffers of valid UTF-8.
enum UTF8Bytes {
  /// The scalar that begins at `index`, and how many bytes it takes.
  ///
  /// The buffer must hold valid UTF-8 and `index` the index of a first byte in it.
  @inline(__always)
  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(bytes[index])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(bytes[index + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(bytes[index + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    return ((first & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[index + 3] & 0x3F), 4)
  }

  /// The scalar that ends before `index`, which must be above 0, and how many bytes it takes.
  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, before index: Int) -> (value: UInt32, length: Int) {
    var start = index - 1
    while start > 0, isContinuation(bytes[start]) { start -= 1 }
    return scalar(bytes, at: start)
  }

  static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  static func scalars(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt32] {
    var scalars: [UInt32] = []
    scalars.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let (scalar, length) = scalar(bytes, at: index)
      scalars.append(scalar)
      index += length
    }
    return scalars
  }

  static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
    switch scalar {
    case 0..<0x80: bytes.append(UInt8(scalar))
    case 0x80..<0x800:
      bytes.append(UInt8(0xC0 | scalar >> 6))
      bytes.append(continuation(scalar))
    case 0x800..<0x10000:
      bytes.append(UInt8(0xE0 | scalar >> 12))
      bytes.append(continuation(scalar >> 6))
      bytes.append(continuation(scalar))
    default:
      bytes.append(UInt8(0xF0 | scalar >> 18 & 0x07))
      bytes.append(continuation(scalar >> 12))
      bytes.append(continuation(scalar >> 6))
      bytes.append(continuation(scalar))
    }
  }

  private static func continuation(_ bits: UInt32) -> UInt8 { UInt8(0x80 | bits & 0x3F) }

  /// The start of the white space before `end`.
  static func spaceStart(_ bytes: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
    var start = end
    while start > 0, case let (scalar, length) = scalar(bytes, before: start),
      CharacterClass.isWhitespace(scalar)
    {
      start -= length
    }
    return start
  }

  /// The end of the white space after `start`.
  static func spaceEnd(_ bytes: UnsafeBufferPointer<UInt8>, after start: Int) -> Int {
    var end = start
    while end < bytes.count, case let (scalar, length) = scalar(bytes, at: end),
      CharacterClass.isWhitespace(scalar)
    {
      end += length
    }
    return end
  }
}
