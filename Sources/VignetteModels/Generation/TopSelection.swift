/// The `count` best of many scores, chosen and ordered exactly as `torch.topk` does on a CPU, equal scores included.
///
/// torch sorts (score, index) pairs with the C++ library: `std::partial_sort` where few of many are wanted
/// (count · 64 ≤ number of scores), else `std::nth_element` and `std::sort`. Which of several equal scores these
/// take is settled by GNU libstdc++'s algorithms, so those are what stands here. Among half-precision logits
/// equal scores are common, and beam search goes another way if they are taken in another order.
///
/// Scores are handed over in stretches (the beams of an image, one after another). Where few are wanted nothing is
/// copied: partial_sort keeps the best so far in a heap, and a score no better than the worst in it is skipped.
package struct TopSelection {
  package struct Pair: Sendable {
    package var score: Float
    package var index: Int
  }

  private let count: Int
  private let isPartial: Bool
  private var pairs: [Pair] = []
  private var seen = 0

  /// - Parameters:
  ///   - count: How many to take; at most `total`.
  ///   - total: How many scores will be handed over.
  init(count: Int, of total: Int) {
    precondition(count >= 1 && count <= total, "can't take \(count) of \(total) scores")
    self.count = count
    isPartial = count <= total / 64
    pairs.reserveCapacity(isPartial ? count : total)
  }

  /// The `count` best of the scores, best first.
  package static func best(_ count: Int, of scores: [Float]) -> [Pair] {
    scores.withUnsafeBufferPointer { best(count, of: $0) }
  }

  /// The `count` best of the scores, best first.
  static func best(_ count: Int, of scores: UnsafeBufferPointer<Float>) -> [Pair] {
    var selection = TopSelection(count: count, of: scores.count)
    selection.add(scores, offset: 0)
    return selection.finish()
  }

  /// The score of the `count`-th best.
  static func threshold(_ scores: UnsafeBufferPointer<Float>, count: Int) -> Float {
    best(count, of: scores)[count - 1].score
  }

  /// Hands over the next scores, each raised by `offset`.
  mutating func add(_ scores: UnsafeBufferPointer<Float>, offset: Float) {
    var next = 0
    while next < scores.count, !isPartial || pairs.count < count {
      pairs.append(Pair(score: scores[next] + offset, index: seen + next))
      next += 1
      if isPartial, pairs.count == count { pairs.makeHeap(from: 0, count: count) }
    }
    if next < scores.count { scan(scores, from: next, offset: offset) }
    seen += scores.count
  }

  /// The best, best first.
  mutating func finish() -> [Pair] {
    if isPartial {
      pairs.sortHeap(from: 0, count: count)
    } else {
      pairs.selectNth(count - 1)
      pairs.introsort(0, count - 1)
    }
    return Array(pairs.prefix(count))
  }

  private mutating func scan(_ scores: UnsafeBufferPointer<Float>, from first: Int, offset: Float) {
    typealias Lanes = SIMD8<Float>
    let bytes = UnsafeRawBufferPointer(scores)
    let step = 4 * Lanes.scalarCount
    var start = first
    var worst = pairs[0].score
    while start < scores.count {
      let end = min(start + step, scores.count)
      if end - start == step {
        var greatest = bytes.loadUnaligned(fromByteOffset: start * 4, as: Lanes.self)
        for part in 1..<4 {
          let values = bytes.loadUnaligned(
            fromByteOffset: (start + part * Lanes.scalarCount) * 4, as: Lanes.self)
          greatest.replace(with: values, where: values .> greatest)
        }
        guard (greatest + offset).max() > worst else {
          start = end
          continue
        }
      }
      for index in start..<end where scores[index] + offset > worst {
        let pair = Pair(score: scores[index] + offset, index: seen + index)
        pairs.sink(pair, into: 0, base: 0, count: count)
        worst = pairs[0].score
      }
      start = end
    }
  }
}

/// GNU libstdc++'s selection and sorting algorithms for pairs ordered by descending score, step by step: what they
/// do with equal scores is what counts here.
extension [TopSelection.Pair] {
  /// Descending order with NaN first, as torch has it.
  private func precedes(_ left: Element, _ right: Element) -> Bool {
    left.score > right.score || (left.score.isNaN && !right.score.isNaN)
  }

  /// Brings the `nth + 1` best to the front and the `nth` (counting from 0) to its place (`std::nth_element`).
  mutating func selectNth(_ nth: Int) {
    var (first, last) = (0, count)
    var depth = Self.depthLimit(count)
    while last - first > 3 {
      guard depth > 0 else {
        makeHeap(from: first, count: nth + 1 - first)
        for index in (nth + 1)..<last where precedes(self[index], self[first]) {
          popHeap(from: first, count: nth + 1 - first, to: index)
        }
        swapAt(first, nth)
        return
      }
      depth -= 1
      let cut = partition(first, last)
      if cut <= nth { first = cut } else { last = cut }
    }
    insertionSort(first, last)
  }

  /// Sorts `first..<last` (`std::sort`).
  mutating func introsort(_ first: Int, _ last: Int) {
    partitionDown(first, last, depth: Self.depthLimit(last - first))
    insertionSort(first, last)
  }

  private static func depthLimit(_ count: Int) -> Int {
    2 * (Int.bitWidth - 1 - Swift.max(count, 1).leadingZeroBitCount)
  }

  private mutating func partitionDown(_ first: Int, _ last: Int, depth: Int) {
    var (last, depth) = (last, depth)
    while last - first > 16 {
      guard depth > 0 else {
        makeHeap(from: first, count: last - first)
        sortHeap(from: first, count: last - first)
        return
      }
      depth -= 1
      let cut = partition(first, last)
      partitionDown(cut, last, depth: depth)
      last = cut
    }
  }

  /// Partitions by the median of three and returns where the second part begins.
  private mutating func partition(_ first: Int, _ last: Int) -> Int {
    swapAt(first, median(first + 1, first + (last - first) / 2, last - 1))
    let pivot = self[first]
    var (low, high) = (first + 1, last)
    while true {
      while precedes(self[low], pivot) { low += 1 }
      high -= 1
      while precedes(pivot, self[high]) { high -= 1 }
      guard low < high else { return low }
      swapAt(low, high)
      low += 1
    }
  }

  private func median(_ a: Int, _ b: Int, _ c: Int) -> Int {
    if precedes(self[a], self[b]) {
      return precedes(self[b], self[c]) ? b : precedes(self[a], self[c]) ? c : a
    }
    return precedes(self[a], self[c]) ? a : precedes(self[b], self[c]) ? c : b
  }

  private mutating func insertionSort(_ first: Int, _ last: Int) {
    guard first < last else { return }
    for index in (first + 1)..<Swift.max(last, first + 1) {
      let value = self[index]
      var place = index
      while place > first, precedes(value, self[place - 1]) {
        self[place] = self[place - 1]
        place -= 1
      }
      self[place] = value
    }
  }

  // MARK: Heaps with the worst pair at the top

  mutating func makeHeap(from base: Int, count: Int) {
    for parent in stride(from: count / 2 - 1, through: 0, by: -1) {
      sink(self[base + parent], into: parent, base: base, count: count)
    }
  }

  mutating func sortHeap(from base: Int, count: Int) {
    for last in stride(from: count - 1, to: 0, by: -1) {
      popHeap(from: base, count: last, to: base + last)
    }
  }

  /// Moves the worst pair to `place` and the pair that stood there into the heap.
  private mutating func popHeap(from base: Int, count: Int, to place: Int) {
    let value = self[place]
    self[place] = self[base]
    sink(value, into: 0, base: base, count: count)
  }

  /// Puts `value` into the hole at `start`: the hole goes down to a leaf, then `value` goes up from there.
  mutating func sink(_ value: Element, into start: Int, base: Int, count: Int) {
    var hole = start
    var child = start
    while child < (count - 1) / 2 {
      child = 2 * (child + 1)
      if precedes(self[base + child], self[base + child - 1]) { child -= 1 }
      self[base + hole] = self[base + child]
      hole = child
    }
    if count % 2 == 0, child == (count - 2) / 2 {
      child = 2 * (child + 1)
      self[base + hole] = self[base + child - 1]
      hole = child - 1
    }
    while hole > start, precedes(self[base + (hole - 1) / 2], value) {
      self[base + hole] = self[base + (hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    self[base + hole] = value
  }
}
