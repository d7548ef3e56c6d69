/// Finds all pieces that a text goes on with, in one walk along it.
struct PieceTrie: Sendable {
  /// More nodes than this don't fit into a slot; a vocabulary of 250,000 pieces has 700,000.
  static let maximumNodes = (1 << 24) - 1

  /// The children of the nodes by `parent << 8 | byte`, in open addressing with linear probing: a key in the upper and
  /// a child in the lower half; 0 where free, as no child is the root.
  private var slots: [UInt64]
  /// The id of the piece that ends at a node, or −1.
  private var ids: [Int32] = [-1]

  /// - Parameter capacity: a guess at how many nodes there will be.
  init(capacity: Int) {
    var size = 256
    while size < capacity * 2 { size *= 2 }
    slots = Array(repeating: 0, count: size)
  }

  /// Adds a piece; of equal ones the last counts. False where there are too many.
  mutating func insert(_ piece: UnsafeBufferPointer<UInt8>, id: Int32) -> Bool {
    var node = 0
    for byte in piece {
      let key = UInt32(node) << 8 | UInt32(byte)
      var slot = slot(of: key)
      if slots[slot] == 0 {
        guard ids.count < Self.maximumNodes else { return false }
        if (ids.count + 1) * 3 > slots.count * 2 {
          grow()
          slot = self.slot(of: key)
        }
        slots[slot] = UInt64(key) << 32 | UInt64(ids.count)
        ids.append(-1)
      }
      node = Int(slots[slot] & 0xFFFF_FFFF)
    }
    ids[node] = id
    return true
  }

  /// Calls `body` with the id and the end of each piece that begins at `start`, from short to long.
  @inline(__always)
  func forEachPiece(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (_ id: Int32, _ end: Int) -> Void
  ) {
    slots.withUnsafeBufferPointer { slots in
      ids.withUnsafeBufferPointer { ids in
        let mask = slots.count - 1
        var node: UInt32 = 0
        var index = start
        while index < text.count {
          let key = node << 8 | UInt32(text[index])
          var slot = Self.hash(key) & mask
          while slots[slot] >> 32 != UInt64(key), slots[slot] != 0 { slot = (slot + 1) & mask }
          guard slots[slot] != 0 else { return }
          node = UInt32(truncatingIfNeeded: slots[slot])
          index += 1
          let id = ids[Int(node)]
          if id >= 0 { body(id, index) }
        }
      }
    }
  }

  private func slot(of key: UInt32) -> Int {
    let mask = slots.count - 1
    var slot = Self.hash(key) & mask
    while slots[slot] != 0, slots[slot] >> 32 != UInt64(key) { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 { slots[slot(of: UInt32(entry >> 32))] = entry }
  }

  @inline(__always)
  private static func hash(_ key: UInt32) -> Int {
    Int(truncatingIfNeeded: (UInt64(key) &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }
}
