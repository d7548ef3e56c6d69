import Foundation
import Synchronization

/// Keeps freed buffers for the next tensor of about the same size: a training step or a decoded token
/// asks for the same sizes as the one before, and fresh pages from the system cost more than many kernels.
package final class StoragePool: Sendable {
  package static let shared = StoragePool()

  /// Free buffers by their capacity, as addresses.
  private let free = Mutex<[Int: [UInt]]>([:])

  /// A 64-byte-aligned buffer of at least `byteCount` bytes, its contents undefined.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let capacity = Self.capacity(for: byteCount)
    let kept = free.withLock { $0[capacity]?.popLast() }
    if let kept, let pointer = UnsafeMutableRawPointer(bitPattern: kept) { return pointer }
    return Self.allocate(capacity)
  }

  func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
    free.withLock { $0[Self.capacity(for: byteCount), default: []].append(UInt(bitPattern: pointer)) }
  }

  /// Returns all free buffers to the system, for instance between training and evaluation.
  package func trim() {
    let buffers = free.withLock { lists in
      defer { lists = [:] }
      return lists.values.flatMap { $0 }
    }
    for address in buffers { Foundation.free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// Rounds up in steps of at most an eighth, so that nearly equal sizes share buffers.
  static func capacity(for byteCount: Int) -> Int {
    guard byteCount > 512 else { return max(64, (byteCount + 63) & ~63) }
    let step = max(64, 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3))
    return (byteCount + step - 1) / step * step
  }

  private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    let hugePage = 1 << 21
    var pointer: UnsafeMutableRawPointer?
    let isLarge = capacity >= hugePage
    let status = posix_memalign(&pointer, isLarge ? hugePage : 64, capacity)
    guard status == 0, let pointer else {
      fatalError("out of memory: \(capacity) bytes were asked for; try a smaller batch or picture")
    }
    #if os(Linux)
      if isLarge { madvise(pointer, capacity, Int32(MADV_HUGEPAGE)) }
    #endif
    return pointer
  }
}
