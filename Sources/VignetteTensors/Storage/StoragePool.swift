import CVignetteMemory
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
  /// No address space has as much, and sums with it don't overflow.
  private static let largest = 1 << 60
  /// Larger requests get a segment of their own size.
  private static let segmentSize = 1 << 26

  /// A 64-byte-aligned buffer of at least `byteCount` bytes, its contents undefined; nil where memory is used up, even
  /// with what the pool has kept for later.
  func take(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    guard (0...Self.largest).contains(byteCount) else { return nil }
    let capacity = Self.capacity(for: byteCount)
    let address = state.withLock { state -> UInt? in
      if capacity <= Self.largestSmall, let kept = state.small[capacity]?.popLast() { return kept }
      if capacity <= Self.largestSmall { return Self.allocate(capacity, freeing: &state) }
      if let kept = state.segments.take(capacity) { return kept }
      let size = max(capacity, Self.segmentSize)
      // A segment of its own size may fit where a common one doesn't.
      let (start, length) =
        Self.allocate(size, freeing: &state).map { ($0, size) }
        ?? (Self.allocate(capacity, freeing: &state), capacity)
      guard let start else { return nil }
      state.segments.add(start, byteCount: length)
      return state.segments.take(capacity)
    }
    return address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
  }

  /// Whether so many bytes are here, or would be given by the system if they were asked for now.
  func canProvide(_ byteCount: Int) -> Bool { freeByteCount >= byteCount || memory_is_left(byteCount) }

  /// What is kept here for the next large tensors.
  var freeByteCount: Int { state.withLock { $0.segments.freeByteCount } }

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

  /// Fresh memory of the system, if need be in exchange for all that is kept here; nil where there is none.
  private static func allocate(_ capacity: Int, freeing state: inout State) -> UInt? {
    if let address = allocate(capacity) { return address }
    for address in state.segments.removeFree() + state.small.values.joined() {
      free(UnsafeMutableRawPointer(bitPattern: address))
    }
    state.small = [:]
    return allocate(capacity)
  }

  private static func allocate(_ capacity: Int) -> UInt? {
    let hugePage = 1 << 21
    let isLarge = capacity >= hugePage
    guard let pointer = memory_take(capacity, isLarge ? hugePage : 64) else { return nil }
    #if os(Linux)
      if isLarge { madvise(pointer, capacity, Int32(MADV_HUGEPAGE)) }
    #endif
    return UInt(bitPattern: pointer)
  }
}
