#if Network
  import Foundation
  import NIOCore

  /// Addresses that a server must not be made to ask: this machine, the networks behind it, and what is nobody's.
  package enum NetworkAddress {
    /// Whether an address is one of the public internet.
    static func isPublic(_ address: SocketAddress) -> Bool { isPublic(address.ipAddress ?? "") }

    /// The same of an address in its usual text form; nothing else is public.
    package static func isPublic(_ text: String) -> Bool {
      var bytes = [UInt8](repeating: 0, count: 16)
      if inet_pton(AF_INET, text, &bytes) == 1 { return isPublic(v4: Array(bytes[..<4])) }
      return inet_pton(AF_INET6, text, &bytes) == 1 && isPublic(v6: bytes)
    }

    /// IANA's special-purpose addresses (RFC 6890 and what came later), as a prefix and its length in bits.
    private static let reservedV4: [(prefix: [UInt8], bits: Int)] = [
      ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12),
      ([192, 0, 0], 24), ([192, 0, 2], 24), ([192, 31, 196], 24), ([192, 52, 193], 24),
      ([192, 88, 99], 24), ([192, 168], 16), ([192, 175, 48], 24), ([198, 18], 15), ([198, 51, 100], 24),
      ([203, 0, 113], 24), ([224], 4), ([240], 4),
    ]

    /// The only part of IPv6 that is handed out is 2000::/3; of it, these are special.
    private static let reservedV6: [(prefix: [UInt8], bits: Int)] = [
      ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x3F, 0xFF, 0x00], 20),
    ]

    static func isPublic(v4 bytes: [UInt8]) -> Bool {
      !reservedV4.contains { matches(bytes, $0.prefix, $0.bits) }
    }

    static func isPublic(v6 bytes: [UInt8]) -> Bool {
      let zeros = [UInt8](repeating: 0, count: 10)
      // Addresses of IPv4 in IPv6's clothes: mapped, of NAT64, of 6to4.
      if bytes.starts(with: zeros + [0xFF, 0xFF]) { return isPublic(v4: Array(bytes[12...])) }
      if bytes.starts(with: [0x00, 0x64, 0xFF, 0x9B] + zeros.prefix(8)) {
        return isPublic(v4: Array(bytes[12...]))
      }
      if bytes.starts(with: [0x20, 0x02]) { return isPublic(v4: Array(bytes[2..<6])) }
      guard matches(bytes, [0x20], 3) else { return false }
      return !reservedV6.contains { matches(bytes, $0.prefix, $0.bits) }
    }

    private static func matches(_ bytes: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
      (0..<bits).allSatisfy { bit in
        let mask = UInt8(0x80) >> (bit % 8)
        let wanted = bit / 8 < prefix.count ? prefix[bit / 8] & mask : 0
        return bytes[bit / 8] & mask == wanted
      }
    }
  }
#endif
