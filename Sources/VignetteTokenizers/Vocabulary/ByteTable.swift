/// An ordered set of byte strings in one block of memory: string → index by hashing, index → string by offset.
///
/// Strings are compared byte by byte, never as Swift `String`s, which hold canonically equivalent text to be equal.
package struct ByteTable: Sendable {
  private var storage: [UInt8] = []
  private var ends: [UInt32] = []
  /// Open addressing with linear probing: index + 1, or 0 where free. Its size is a power of two.
  private var slots: [UInt32]

  package init(capacity: Int = 8) {
    slots = Array(repeating: 0, count: Self.slotCount(for: capacity))
    ends.reserveCapacity(capacity)
    storage.reserveCapacity(capacity * 7)
  }

  package var count: Int { ends.count }

  /// The string at an index, which must be below ``count``.
  package subscript(index: Int) -> ArraySlice<UInt8> {
    storage[start(of: index)..<Int(ends[index])]
  }

  /// Finds or adds a string.
  package mutating func insert(_ bytes: UnsafeBufferPointer<UInt8>) -> (index: Int, isNew: Bool) {
    if (count + 1) * 2 > slots.count { grow() }
    let slot = slot(of: bytes, followedBy: Self.nothing)
    if slots[slot] != 0 { return (Int(slots[slot]) - 1, false) }
    storage.append(contentsOf: bytes)
    ends.append(UInt32(storage.count))
    slots[slot] = UInt32(count)
    return (count - 1, true)
  }

  package mutating func insert(_ bytes: some Sequence<UInt8>) -> (index: Int, isNew: Bool) {
    Array(bytes).withUnsafeBufferPointer { insert($0) }
  }

  package func index(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    index(of: bytes, followedBy: Self.nothing)
  }

  package func index(of bytes: some Sequence<UInt8>) -> Int? {
    Array(bytes).withUnsafeBufferPointer { index(of: $0) }
  }

  /// The index of two strings joined, without joining them.
  package func index(
    of first: UnsafeBufferPointer<UInt8>, followedBy second: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    let index = slots[slot(of: first, followedBy: second)]
    return index == 0 ? nil : Int(index) - 1
  }

  /// The slot that holds the joined string, or the free one where it belongs.
  private func slot(
    of first: UnsafeBufferPointer<UInt8>, followedBy second: UnsafeBufferPointer<UInt8>
  ) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.hash(first, second)) & mask
    while slots[slot] != 0, !holds(Int(slots[slot]) - 1, first, second) { slot = (slot + 1) & mask }
    return slot
  }

  private func holds(
    _ index: Int, _ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let start = start(of: index)
    guard Int(ends[index]) - start == first.count + second.count else { return false }
    return storage.withUnsafeBufferPointer { storage in
      for offset in 0..<first.count where storage[start + offset] != first[offset] { return false }
      for offset in 0..<second.count where storage[start + first.count + offset] != second[offset] {
        return false
      }
      return true
    }
  }

  private func start(of index: Int) -> Int {
    index == 0 ? 0 : Int(ends[index - 1])
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    storage.withUnsafeBufferPointer { storage in
      for index in 0..<count {
        let bytes = UnsafeBufferPointer(rebasing: storage[start(of: index)..<Int(ends[index])])
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(bytes, Self.nothing)) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(index + 1)
      }
    }
  }

  private static func slotCount(for capacity: Int) -> Int {
    var count = 16
    while count < capacity * 2 { count *= 2 }
    return count
  }

  private static var nothing: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: nil, count: 0) }

  /// FNV-1a, with the high bits folded in because slots are chosen by the low ones.
  private static func hash(_ first: UnsafeBufferPointer<UInt8>, _ second: UnsafeBufferPointer<UInt8>)
    -> UInt64
  {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in first { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for byte in second { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return hash ^ (hash >> 32)
  }
}
