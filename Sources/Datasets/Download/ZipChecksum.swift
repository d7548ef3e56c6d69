import CZlib

/// The CRC-32 of bytes that come piece by piece.
struct ZipChecksum {
  private var sum: UInt = 0

  var value: UInt32 { UInt32(truncatingIfNeeded: sum) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    sum = crc32_z(sum, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
  }
}
