/// Joins the symbols of one word by rank: of all neighbours that a merge joins, the lowest rank goes first, and of
/// equals the leftmost. (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909)
///
/// Takes O(n log n) for n symbols, so that a megabyte without spaces ends too. Its arrays are reused between words.
struct BytePairEncoder {
  private var ids: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  /// A binary heap of `rank << 32 | position`, the least on top.
  private var heap: [UInt64] = []

  private static let joined: Int32 = -1

  mutating func removeAll() { ids.removeAll(keepingCapacity: true) }

  mutating func append(_ id: Int32) { ids.append(id) }

  /// Joins the appended symbols and appends what is left to `output`.
  mutating func merge(with merges: MergeTable, into output: inout [Int]) {
    if ids.count > 1 { join(merges) }
    for id in ids where id != Self.joined { output.append(Int(id)) }
  }

  private mutating func join(_ merges: MergeTable) {
    let count = Int32(ids.count)
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      previous.append(index - 1)
      next.append(index + 1 < count ? index + 1 : -1)
    }
    for index in 0..<count { pushMerge(at: index, merges) }

    while let top = pop() {
      let left = Int(top & 0xFFFF_FFFF)
      // The pair may have changed since it was pushed: then its rank is another, or it is gone.
      guard ids[left] != Self.joined, next[left] >= 0, case let right = Int(next[left]),
        let merge = merges[ids[left], ids[right]], merge.rank == Int32(top >> 32)
      else { continue }
      ids[left] = merge.id
      ids[right] = Self.joined
      next[left] = next[right]
      if next[left] >= 0 { previous[Int(next[left])] = Int32(left) }
      pushMerge(at: Int32(left), merges)
      if previous[left] >= 0 { pushMerge(at: previous[left], merges) }
    }
  }

  private mutating func pushMerge(at left: Int32, _ merges: MergeTable) {
    let right = next[Int(left)]
    guard right >= 0, let merge = merges[ids[Int(left)], ids[Int(right)]] else { return }
    push(UInt64(merge.rank) << 32 | UInt64(left))
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, heap[parent] > heap[child] {
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func pop() -> UInt64? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return top }
    heap[0] = last
    var parent = 0
    while case var child = 2 * parent + 1, child < heap.count {
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return top
  }
}
