import Foundation
import Synchronization

/// Keeps freed memory for the next tensors: a training step or a decoded token asks for the same sizes as the
/// one before, and fresh pages from the system cost more than many kernels.
///
/// Small buffers wait for another of the same size. Large ones are cut from ``MemorySegments``, so that the
/// gradients of a backward pass take the place of the activations that it has used.
package final class StoragePool: Sendable {
  package static let shared = StoragePool()

  private struct State {
    /// Free small buffers by their capacity, as addresses.
    var small: [Int: [UInt]] = [:]
    var segments = MemorySegments()
  }

  private let state = Mutex(State())

  private static let largestSmall = 1 << 16
  /// Larger requests get a segment of their own size.
  private static let segmentSize = 1 << 26

  /// A 64-byte-aligned buffer of at least `byteCount` bytes, its contents undefined.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let capacity = Self.capacity(for: byteCount)
    let address = state.withLock { state in
      guard capacity > Self.largestSmall else { return state.small[capacity]?.popLast() }
      if let kept = state.segments.take(capacity) { return kept }
      let size = max(capacity, Self.segmentSize)
      state.segments.add(UInt(bitPattern: Self.allocate(size)), byteCount: size)
      return state.segments.take(capacity)
    }
    if let address, let pointer = UnsafeMutableRawPointer(bitPattern: address) { return pointer }
    return Self.allocate(capacity)
  }

  func give(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
    let capacity = Self.capacity(for: byteCount)
    state.withLock { state in
      if capacity > Self.largestSmall {
        state.segments.give(UInt(bitPattern: pointer))
      } else {
        state.small[capacity, default: []].append(UInt(bitPattern: pointer))
      }
    }
  }

  /// Small sizes round up in steps of at most an eighth, so that nearly equal ones share buffers.
  static func capacity(for byteCount: Int) -> Int {
    let step =
      byteCount <= 512 || byteCount > largestSmall
      ? 64 : max(64, 1 << (Int.bitWidth - 1 - byteCount.leadingZeroBitCount - 3))
    return max(64, (byteCount + step - 1) / step * step)
  }

  private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
    let hugePage = 1 << 21
    var pointer: UnsafeMutableRawPointer?
    let isLarge = capacity >= hugePage
    let status = posix_memalign(&pointer, isLarge ? hugePage : 64, capacity)
    guard status == 0, let pointer else {
      fatalError("out of memory: \(capacity) bytes were asked for; try a smaller batch or image")
    }
    #if os(Linux)
      if isLarge { madvise(pointer, capacity, Int32(MADV_HUGEPAGE)) }
    #endif
    return pointer
  }
}
