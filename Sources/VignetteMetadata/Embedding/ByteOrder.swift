/// Numbers among bytes, read and written within their bounds.
enum ByteOrder {
  case big
  case little

  /// The number in `count` bytes at `position`; nil where there aren't as many.
  func number(_ count: Int, at position: Int, of bytes: some RandomAccessCollection<UInt8>) -> Int? {
    guard position >= 0, count <= bytes.count, position <= bytes.count - count else { return nil }
    let start = bytes.index(bytes.startIndex, offsetBy: position)
    let field = bytes[start..<bytes.index(start, offsetBy: count)]
    switch self {
    case .big: return field.reduce(0) { $0 << 8 | Int($1) }
    case .little: return field.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
  }

  /// The `count` low bytes of a number.
  func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    let little = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return self == .little ? little : little.reversed()
  }
}

extension [UInt8] {
  /// Overwrites the bytes from `position` on, which must be there.
  mutating func overwrite(_ bytes: [UInt8], at position: Int) {
    replaceSubrange(position..<position + bytes.count, with: bytes)
  }
}
