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
    var selection = TopSelection(count: count, of: scores.count)
    scores.withUnsafeBufferPointer { selection.add($0, offset: 0) }
    return selection.finish()
  }

  /// The score of the `count`-th best.
  static func threshold(_ scores: UnsafeBufferPointer<Float>, count: Int) -> Float {
    var selection = TopSelection(count: count, of: scores.count)
    selection.add(scores, offset: 0)
    return selection.finish()[count - 1].score
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
