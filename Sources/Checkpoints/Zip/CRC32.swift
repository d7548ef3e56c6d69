/// The checksum of zip entries (polynomial 0xEDB88320, reflected), eight bytes at a time.
struct CRC32 {
  private var state: UInt32 = 0xFFFF_FFFF

  var value: UInt32 { ~state }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var state = state
    Self.tables.withUnsafeBufferPointer { table in
      let whole = bytes.count / 8 * 8
      for position in stride(from: 0, to: whole, by: 8) {
        let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian ^ UInt64(state)
        state = 0
        for byte in 0..<8 {
          let value = Int(word >> (8 * UInt64(byte)) & 0xFF)
          state ^= table[(7 - byte) << 8 | value]
        }
      }
      for byte in bytes[whole...] {
        state = state >> 8 ^ table[Int((state ^ UInt32(byte)) & 0xFF)]
      }
    }
    self.state = state
  }

  // tables[k << 8 | b] is what byte b does to the sum when k zero bytes follow it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 << 8)
    for byte in 0..<256 {
      tables[byte] = (0..<8).reduce(UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 0 ? 0 : 0xEDB8_8320) }
    }
    for index in 256..<tables.count {
      let shorter = tables[index - 256]
      tables[index] = shorter >> 8 ^ tables[Int(shorter & 0xFF)]
    }
    return tables
  }()
}
