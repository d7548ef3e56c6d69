import CVignetteZlib

/// The checksum of zip entries, of bytes that come piece by piece.
package struct CRC32 {
  private var sum: UInt = 0

  package var value: UInt32 { UInt32(truncatingIfNeeded: sum) }

  package init() {}

  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Without an address, zlib would start anew.
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    sum = crc32_z(sum, start, bytes.count)
  }
}
