/// Where each row's earlier tokens stand in a cache whose rows several beams share.
package struct CacheRows {
  /// For each query row, the cache row of each position [R, S], or of all positions [R, 1].
  let rows: [Int32]
  let rowsPerQuery: Int
  /// The positions that each query attends to; all if nil.
  let ranges: [Range<Int>]?

  /// One cache row for all positions of a query: cross-attention to its image.
  package init(_ row: [Int32]) {
    rows = row
    rowsPerQuery = 1
    ranges = nil
  }

  /// A cache row for each of the `positions` of each query: self-attention of beams.
  ///
  /// - Parameter ranges: the positions that each query attends to; all if nil.
  package init(_ rows: [Int32], positions: Int, ranges: [Range<Int>]? = nil) {
    precondition(
      ranges?.allSatisfy { !$0.isEmpty && 0 <= $0.lowerBound && $0.upperBound <= positions } ?? true,
      "positions beyond the cache")
    self.rows = rows
    rowsPerQuery = positions
    self.ranges = ranges
  }
}

/// Attention of one new token a row over cached keys and values, for inference: q [R, C] and a cache
/// [N, L, C] of which the first `positions` of L are used, [N, H, L, D] the same by heads, or [N, C] where each row is one
/// position's → [R, C].
package func cachedAttention(
  _ q: Tensor, keys: Tensor, values: Tensor, positions: Int, rows: CacheRows, heads: Int, scale: Float
) -> Tensor {
  precondition(
    (keys.rank == 2 || positions <= keys.shape[keys.rank - 2]) && keys.strides == values.strides,
    "cache too short or uneven")
  precondition(
    q.dtype == keys.dtype && q.dtype == values.dtype, "a query of \(q.dtype) and a cache of \(keys.dtype)")
  let output = Tensor(uninitialized: q.shape, dtype: q.dtype)
  attendToCache(
    q.detached, keys: keys, values: values, positions: positions, rows: rows, heads: heads, scale: scale,
    into: output)
  return output
}

/// Keys or values [N, L, C] with each head's in a stretch of memory of its own, [N, H, L, D], for
/// ``cachedAttention(_:keys:values:positions:rows:heads:scale:)`` to many positions.
///
/// Rows of a whole width stand so far apart, often 4,096 bytes, that a head's share the same few sets of the processor's
/// cache, and each beam reads them from memory again.
package func headsApart(_ x: Tensor, heads: Int) -> Tensor {
  let (entries, length, size) = (x.shape[0], x.shape[1], x.shape[2] / heads)
  let view = Tensor(
    shape: [entries, heads, length, size],
    strides: [x.strides[0], size * x.strides[2], x.strides[1], x.strides[2]],
    dtype: x.dtype, storage: x.storage, offset: x.offset)
  let result = Tensor(uninitialized: view.shape, dtype: x.dtype)
  guard haveMemory(x, result) else { return result }
  parallel(entries * heads, grain: max(1, elementGrain / (length * size))) { range in
    for item in range {
      let (entry, head) = item.quotientAndRemainder(dividingBy: heads)
      func part(_ whole: Tensor) -> Tensor {
        whole.slice(entry..<entry + 1, axis: 0).slice(head..<head + 1, axis: 1)
      }
      part(result).assign(part(view))
    }
  }
  return result
}
