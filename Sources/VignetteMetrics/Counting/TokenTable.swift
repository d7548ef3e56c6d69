/// Gives each distinct token a small number, so that comparing and counting words is integer work.
///
/// Tokens are told apart by their bytes: unlike Swift's `String`, two spellings that are canonically
/// equal but encoded differently stay different, as in the reference implementations.
struct TokenTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each token ends in `bytes`; it starts where the one before it ends.
  private var ends: [Int] = []
  /// Open addressing with linear probing; −1 is an empty slot. The size is a power of two.
  private var slots = [Int32](repeating: -1, count: 1024)

  /// How many distinct tokens have been seen; their numbers are `0 ..< count`.
  var count: Int { ends.count }

  /// The number of `token`, a new one when it has not been seen before.
  mutating func id(of token: UnsafeBufferPointer<UInt8>) -> Int32 {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(token))
    let hash = hasher.finalize()
    let slot = slot(of: token, hash: hash)
    if slots[slot] >= 0 { return slots[slot] }
    let id = Int32(ends.count)
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
    slots[slot] = id
    if ends.count * 2 > slots.count { grow() }
    return id
  }

  /// The number of a token held in any collection of bytes.
  mutating func id(of token: some Collection<UInt8>) -> Int32 {
    token.withContiguousStorageIfAvailable { id(of: $0) } ?? id(of: Array(token))
  }

  /// The bytes of a token that `id(of:)` numbered.
  func token(_ id: Int32) -> ArraySlice<UInt8> {
    let index = Int(id)
    return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  private func slot(of token: UnsafeBufferPointer<UInt8>, hash: Int) -> Int {
    let mask = slots.count - 1
    var slot = hash & mask
    while slots[slot] >= 0, !self.token(slots[slot]).elementsEqual(token) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: slots.count * 2)
    let mask = slots.count - 1
    for id in 0..<Int32(ends.count) {
      var hasher = Hasher()
      token(id).withUnsafeBytes { hasher.combine(bytes: $0) }
      var slot = hasher.finalize() & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = id
    }
  }
}
