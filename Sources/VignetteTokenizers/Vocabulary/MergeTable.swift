/// The merges of a BPE model: a pair of token ids → its rank and the id of the joined token.
package struct MergeTable: Sendable {
  /// `rank` orders merges: the lowest is applied first.
  package struct Merge: Sendable, Equatable {
    package var rank: Int32
    package var id: Int32
  }

  /// Open addressing with linear probing; `keys` is `left << 32 | right`, and `freeKey` where free.
  private var keys: [UInt64]
  private var merges: [Merge]
  /// The pairs by rank, for writing them again.
  private(set) var pairs: [UInt64] = []

  private static let freeKey = UInt64.max

  package init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = Array(repeating: Self.freeKey, count: size)
    merges = Array(repeating: Merge(rank: 0, id: 0), count: size)
    pairs.reserveCapacity(capacity)
  }

  package var count: Int { pairs.count }

  /// Adds the next merge. A pair that comes again takes the later rank, as in Hugging Face's `tokenizers`.
  package mutating func append(_ left: Int32, _ right: Int32, id: Int32) {
    if (pairs.count + 1) * 2 > keys.count { grow() }
    let key = Self.key(left, right)
    let slot = slot(of: key)
    keys[slot] = key
    merges[slot] = Merge(rank: Int32(pairs.count), id: id)
    pairs.append(key)
  }

  package subscript(left: Int32, right: Int32) -> Merge? {
    let slot = slot(of: Self.key(left, right))
    return keys[slot] == Self.freeKey ? nil : merges[slot]
  }

  /// The ids of the pair with a rank.
  func pair(_ rank: Int) -> (left: Int, right: Int) {
    (Int(pairs[rank] >> 32), Int(pairs[rank] & 0xFFFF_FFFF))
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    let hash = key &* 0x9E37_79B9_7F4A_7C15
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while keys[slot] != key, keys[slot] != Self.freeKey { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, merges)
    keys = Array(repeating: Self.freeKey, count: keys.count * 2)
    merges = Array(repeating: Merge(rank: 0, id: 0), count: keys.count)
    for (key, merge) in zip(old.0, old.1) where key != Self.freeKey {
      let slot = slot(of: key)
      keys[slot] = key
      merges[slot] = merge
    }
  }
}
