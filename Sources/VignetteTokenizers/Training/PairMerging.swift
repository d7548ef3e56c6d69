/// The loop of BPE training: counts neighbouring pairs of ids in words and joins the most frequent, over and over.
struct PairMerging {
  struct Pair: Hashable {
    var left: Int32
    var right: Int32
    var joined: Int32
  }

  private struct Word {
    var ids: [Int32]
    var count: Int
  }

  private var words: [Word]
  /// Occurrences of each pair, `left << 32 | right`. A joined pair keeps its last count.
  private var counts: [UInt64: Int] = [:]
  /// Words that gained a pair since the queue was last filled.
  private var gained: [UInt64: [Int32]] = [:]
  private var queue = PairQueue()

  init(words: [(word: ArraySlice<UInt8>, count: Int)], idOfByte: [Int32]) {
    self.words = words.map { Word(ids: $0.word.map { idOfByte[Int($0)] }, count: $0.count) }
  }

  /// Adds tokens to `tokens` until there are `vocabSize`, and returns what was joined, in order.
  ///
  /// - Parameter progress: gets how many tokens there are so far.
  mutating func run(
    _ tokens: inout ByteTable, vocabSize: Int, minFrequency: Int, progress: (Int) -> Void
  ) -> [Pair] {
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word.ids, word.ids.dropFirst()) {
        change(Self.key(left, right), by: word.count, in: Int32(index))
      }
    }
    fillQueue()

    var pairs: [Pair] = []
    while tokens.count < vocabSize, var top = queue.pop() {
      let count = counts[top.pair] ?? 0
      if top.count != count {
        top.count = count
        queue.push(top)
        continue
      }
      guard count >= max(1, minFrequency) else { break }
      let (left, right) = (Int32(top.pair >> 32), Int32(top.pair & 0xFFFF_FFFF))
      let joined = Int32(tokens.insert(tokens[Int(left)] + tokens[Int(right)]).index)
      let pair = Pair(left: left, right: right, joined: joined)
      pairs.append(pair)
      for word in top.words { join(pair, in: word) }
      fillQueue()
      progress(tokens.count)
    }
    return pairs
  }

  private mutating func join(_ pair: Pair, in index: Int32) {
    let count = words[Int(index)].count
    var ids: [Int32] = []
    swap(&ids, &words[Int(index)].ids)
    var write = 0
    var read = 0
    while read < ids.count {
      guard ids[read] == pair.left, read + 1 < ids.count, ids[read + 1] == pair.right else {
        ids[write] = ids[read]
        write += 1
        read += 1
        continue
      }
      if write > 0 {
        change(Self.key(ids[write - 1], pair.left), by: -count, in: index)
        change(Self.key(ids[write - 1], pair.joined), by: count, in: index)
      }
      ids[write] = pair.joined
      write += 1
      read += 2
      if read < ids.count {
        change(Self.key(pair.right, ids[read]), by: -count, in: index)
        change(Self.key(pair.joined, ids[read]), by: count, in: index)
      }
    }
    ids.removeSubrange(write...)
    words[Int(index)].ids = ids
  }

  private mutating func change(_ pair: UInt64, by count: Int, in word: Int32) {
    counts[pair, default: 0] += count
    if count > 0, gained[pair]?.last != word { gained[pair, default: []].append(word) }
  }

  private mutating func fillQueue() {
    for (pair, words) in gained {
      if let count = counts[pair], count > 0 {
        queue.push(PairQueue.Entry(pair: pair, count: count, words: words))
      }
    }
    gained.removeAll(keepingCapacity: true)
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }
}

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
