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
/// [N, L, C] of which the first `positions` of L are used, or [N, C] where each row is one position's → [R, C].
package func cachedAttention(
  _ q: Tensor, keys: Tensor, values: Tensor, positions: Int, rows: CacheRows, heads: Int, scale: Float
) -> Tensor {
  precondition(
    (keys.rank == 2 || positions <= keys.shape[1]) && keys.strides == values.strides,
    "cache too short or uneven")
  precondition(
    q.dtype == keys.dtype && q.dtype == values.dtype, "a query of \(q.dtype) and a cache of \(keys.dtype)")
  let output = Tensor(uninitialized: q.shape, dtype: q.dtype)
  attendToCache(
    q.detached, keys: keys, values: values, positions: positions, rows: rows, heads: heads, scale: scale,
    into: output)
  return output
}
