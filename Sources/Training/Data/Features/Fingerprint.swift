import Foundation

/// 128 bits by which bytes are recognised again. It tells accidents apart, not forgeries.
struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  private(set) var high: UInt64
  private(set) var low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    var lanes: SIMD4<UInt64> = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0, 1]
    func add(_ words: SIMD4<UInt64>) {
      let mixed = (lanes ^ words) &* Self.factors
      lanes = mixed ^ (mixed &>> 29)
    }
    let whole = bytes.count & ~31
    for start in stride(from: 0, to: whole, by: 32) {
      add(bytes.loadUnaligned(fromByteOffset: start, as: SIMD4<UInt64>.self))
    }
    var rest = [UInt8](bytes[whole...])
    rest += [UInt8](repeating: 0, count: 32 - rest.count)
    rest.withUnsafeBytes { add($0.loadUnaligned(as: SIMD4<UInt64>.self)) }
    add(SIMD4(repeating: UInt64(bytes.count)))
    high = Self.mix(lanes[0] ^ Self.mix(lanes[1]))
    low = Self.mix(lanes[2] ^ Self.mix(lanes[3] ^ high))
  }

  init(_ bytes: some ContiguousBytes) { self = bytes.withUnsafeBytes { Fingerprint($0) } }

  /// The fingerprint of several, in their order.
  init(_ parts: [Fingerprint]) {
    self = parts.flatMap { [$0.high, $0.low] }.withUnsafeBytes { Fingerprint($0) }
  }

  var description: String { [high, low].map { String(format: "%016lx", $0) }.joined() }

  private static let factors: SIMD4<UInt64> = [
    0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0xD6E8_FEB8_6659_FD93,
  ]

  private static func mix(_ word: UInt64) -> UInt64 {
    let product = (word ^ (word >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return product ^ (product >> 29)
  }
}
