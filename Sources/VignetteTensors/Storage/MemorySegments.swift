/// Which parts of some runs of memory are taken: blocks are cut from the smallest free one that suffices, and
/// joined with their free neighbours when they are given back.
package struct MemorySegments {
  private struct Block {
    var byteCount: Int
    var isFree: Bool
    /// The neighbours in the segment; 0 at its ends.
    var previous: UInt
    var next: UInt
  }

  /// A free block in the order of sizes.
  private struct FreeBlock: Comparable {
    let byteCount: Int
    let address: UInt

    static func < (a: FreeBlock, b: FreeBlock) -> Bool {
      (a.byteCount, a.address) < (b.byteCount, b.address)
    }
  }

  package init() {}

  /// All blocks by their addresses.
  private var blocks: [UInt: Block] = [:]
  /// The free ones, smallest first.
  private var free: [FreeBlock] = []

  /// What is left of a block is cut off if it has at least so many bytes.
  private static let smallestRest = 1 << 14

  /// How many bytes are free, in blocks of any size.
  package var freeByteCount: Int { free.reduce(0) { $0 + $1.byteCount } }

  /// Adds memory to take from.
  package mutating func add(_ address: UInt, byteCount: Int) {
    blocks[address] = Block(byteCount: byteCount, isFree: true, previous: 0, next: 0)
    insert(FreeBlock(byteCount: byteCount, address: address))
  }

  /// Takes at least so many bytes; nil where no free block has as many.
  package mutating func take(_ byteCount: Int) -> UInt? {
    let index = firstIndex(notBelow: FreeBlock(byteCount: byteCount, address: 0))
    guard index < free.count else { return nil }
    let address = free.remove(at: index).address
    guard var block = blocks[address] else { return nil }
    let rest = block.byteCount - byteCount
    if rest >= Self.smallestRest {
      let cut = address + UInt(byteCount)
      blocks[cut] = Block(byteCount: rest, isFree: true, previous: address, next: block.next)
      if block.next != 0 { blocks[block.next]?.previous = cut }
      insert(FreeBlock(byteCount: rest, address: cut))
      block.byteCount = byteCount
      block.next = cut
    }
    block.isFree = false
    blocks[address] = block
    return address
  }

  /// Gives back what ``take(_:)`` gave.
  package mutating func give(_ address: UInt) {
    guard var block = blocks[address] else { preconditionFailure("no block begins at \(address)") }
    var start = address
    if let next = removeFree(block.next) {
      blocks[block.next] = nil
      block.byteCount += next.byteCount
      block.next = next.next
    }
    if let previous = removeFree(block.previous) {
      blocks[address] = nil
      start = block.previous
      block.byteCount += previous.byteCount
      block.previous = previous.previous
    }
    if block.next != 0 { blocks[block.next]?.previous = start }
    block.isFree = true
    blocks[start] = block
    insert(FreeBlock(byteCount: block.byteCount, address: start))
  }

  /// Forgets segments of which nothing is taken, and says where they are.
  package mutating func removeFree() -> [UInt] {
    let whole = blocks.filter { $0.value.isFree && $0.value.previous == 0 && $0.value.next == 0 }.map(\.key)
    for address in whole {
      _ = removeFree(address)
      blocks[address] = nil
    }
    return whole
  }

  /// Takes a block off the list of free ones, if it is on it.
  private mutating func removeFree(_ address: UInt) -> Block? {
    guard address != 0, let block = blocks[address], block.isFree else { return nil }
    free.remove(at: firstIndex(notBelow: FreeBlock(byteCount: block.byteCount, address: address)))
    return block
  }

  private mutating func insert(_ block: FreeBlock) {
    free.insert(block, at: firstIndex(notBelow: block))
  }

  private func firstIndex(notBelow block: FreeBlock) -> Int {
    var (low, high) = (0, free.count)
    while low < high {
      let middle = (low + high) / 2
      if free[middle] < block { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
