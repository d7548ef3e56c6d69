/// GPT-2's spelling of bytes: each of the 256 bytes is a printable character, so that tokens are readable text.
///
/// Printable Latin-1 stands for itself; the other bytes, in order, are U+0100 and up (a space is `Ġ`).
package enum ByteAlphabet {
  /// The scalar that spells each byte.
  package static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  /// The byte that each scalar up to U+0143 spells, or −1.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: Int(scalars.max() ?? 0) + 1)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// A byte's character in UTF-8.
  package static func spelling(_ byte: UInt8) -> [UInt8] {
    var spelling: [UInt8] = []
    UTF8Bytes.append(scalars[Int(byte)], to: &spelling)
    return spelling
  }

  /// Appends the bytes that a token spells; the token's own bytes where a character of it spells none.
  static func append(token: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let start = output.count
    let isSpelled = token.withUnsafeBufferPointer { token in
      var index = 0
      while index < token.count {
        let (scalar, length) = UTF8Bytes.scalar(token, at: index)
        guard scalar < bytes.count, bytes[Int(scalar)] >= 0 else { return false }
        output.append(UInt8(bytes[Int(scalar)]))
        index += length
      }
      return true
    }
    if !isSpelled {
      output.removeSubrange(start...)
      output.append(contentsOf: token)
    }
  }
}
