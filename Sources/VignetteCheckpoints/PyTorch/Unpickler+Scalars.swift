import VignetteFiles

extension Unpickler {
  /// Reads what a scalar's operation is followed by.
  mutating func scalar(_ opcode: PickleOpcode) throws -> PickleValue {
    switch opcode {
    case .none: return .none
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .binInt: return .int(Int(try cursor.integer(Int32.self)))
    case .binInt1: return .int(try cursor.count(UInt8.self))
    case .binInt2: return .int(try cursor.count(UInt16.self))
    case .long1: return try integer(size: try cursor.count(UInt8.self))
    case .long4: return try integer(size: try cursor.count(Int32.self))
    case .binUnicode: return try string(size: try cursor.count(UInt32.self))
    case .shortBinUnicode, .shortBinString: return try string(size: try cursor.count(UInt8.self))
    case .binUnicode8: return try string(size: try cursor.count(UInt64.self))
    case .binString: return try string(size: try cursor.count(Int32.self))
    case .binBytes: try cursor.skip(try cursor.count(UInt32.self))
    case .shortBinBytes: try cursor.skip(try cursor.count(UInt8.self))
    case .binBytes8, .byteArray8: try cursor.skip(try cursor.count(UInt64.self))
    default: try cursor.skip(8)
    }
    return .opaque
  }

  // Little-endian two's complement of any length.
  private mutating func integer(size: Int) throws -> PickleValue {
    let bytes = try cursor.take(size)
    guard size <= 8 else { return .opaque }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    return .int(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
  }

  private mutating func string(size: Int) throws -> PickleValue {
    guard let string = String(validating: try cursor.take(size), as: UTF8.self) else {
      throw malformed("a string is not valid UTF-8")
    }
    return .string(string)
  }
}
