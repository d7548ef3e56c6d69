import Foundation
import VignetteCheckpoints
import VignetteFiles

/// 128 bits by which bytes are recognised again: the first half of their SHA-256.
struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    (high, low) = hasher.finish().digest.withUnsafeBytes { digest in
      (digest.loadUnaligned(as: UInt64.self), digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  init(_ bytes: some ContiguousBytes) { self = bytes.withUnsafeBytes { Fingerprint($0) } }

  /// The fingerprint of several, in their order.
  init(_ parts: [Fingerprint]) {
    self = parts.flatMap { [$0.high, $0.low] }.withUnsafeBytes { Fingerprint($0) }
  }

  var description: String { [high, low].map { String(format: "%016lx", $0) }.joined() }
}
