/// A heap of pairs: the most frequent on top, and of equally frequent ones the one with the lowest ids.
struct PairQueue {
  struct Entry {
    /// `left << 32 | right`.
    var pair: UInt64
    var count: Int
    /// The words to join it in.
    var words: [Int32]

    func goesBefore(_ other: Entry) -> Bool {
      count != other.count ? count > other.count : pair < other.pair
    }
  }

  private var entries: [Entry] = []

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, case let parent = (child - 1) / 2, entries[child].goesBefore(entries[parent]) {
      entries.swapAt(parent, child)
      child = parent
    }
  }

  mutating func pop() -> Entry? {
    guard let last = entries.popLast() else { return nil }
    guard let top = entries.first else { return last }
    entries[0] = last
    var parent = 0
    while case var child = 2 * parent + 1, child < entries.count {
      if child + 1 < entries.count, entries[child + 1].goesBefore(entries[child]) { child += 1 }
      guard entries[child].goesBefore(entries[parent]) else { break }
      entries.swapAt(parent, child)
      parent = child
    }
    return top
  }
}
