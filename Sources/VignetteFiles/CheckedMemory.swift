import CVignetteMemory
import Foundation

/// Memory that wasn't to be had. Whoever asked says what it was for.
package struct OutOfMemory: Error {
  package let byteCount: Int

  package init(byteCount: Int) { self.byteCount = byteCount }
}

/// Large blocks of memory, each of which may be refused; Swift's own arrays end the program instead.
///
/// What Swift allocates besides can't be checked: where it grows with an input, ``require(_:)`` asks before for as much
/// as it may come to.
package enum CheckedMemory {
  /// - Throws: ``OutOfMemory`` where so many bytes wouldn't be given now.
  package static func require(_ byteCount: Int) throws(OutOfMemory) {
    guard byteCount >= 0, memory_is_left(byteCount) else { throw OutOfMemory(byteCount: byteCount) }
  }

  /// Memory to be given back by ``free(_:)``.
  ///
  /// - Throws: ``OutOfMemory``.
  package static func allocate(_ byteCount: Int) throws(OutOfMemory) -> UnsafeMutableRawBufferPointer {
    guard byteCount >= 0, let block = memory_take(max(1, byteCount), 64) else {
      throw OutOfMemory(byteCount: byteCount)
    }
    return UnsafeMutableRawBufferPointer(start: block, count: byteCount)
  }

  package static func free(_ block: UnsafeMutableRawBufferPointer) { Foundation.free(block.baseAddress) }

  /// An array of `count` bytes that `fill` writes, every one.
  ///
  /// - Throws: ``OutOfMemory``; what `fill` throws.
  package static func bytes(
    _ count: Int, fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void
  ) throws -> [UInt8] {
    guard count > 0 else { return [] }
    guard memory_claim(count) else { throw OutOfMemory(byteCount: count) }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      // The array has its memory by now.
      memory_claimed()
      try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }

  /// Makes an array ready to hold `count` bytes in all; at least twice as many as it held, where it has to grow.
  ///
  /// - Throws: ``OutOfMemory``.
  package static func reserve(_ count: Int, in bytes: inout [UInt8]) throws(OutOfMemory) {
    guard count > bytes.capacity else { return }
    // Growing step by step takes time in proportion to the whole.
    let capacity = bytes.isEmpty ? count : max(count, 2 * bytes.capacity)
    guard memory_claim(capacity) else { throw OutOfMemory(byteCount: capacity) }
    bytes.reserveCapacity(capacity)
    memory_claimed()
  }

  /// An array of `count` bytes of one value.
  ///
  /// - Throws: ``OutOfMemory``.
  package static func bytes(repeating value: UInt8, count: Int) throws(OutOfMemory) -> [UInt8] {
    do {
      return try bytes(count) { $0.initialize(repeating: value) }
    } catch {
      throw OutOfMemory(byteCount: count)
    }
  }
}
