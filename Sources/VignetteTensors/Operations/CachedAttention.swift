import CVignetteKernels

/// Where each row's earlier tokens stand in a cache whose rows several beams share.
public struct CacheRows {
  /// For each query row, the cache row of each position [R, S], or of all positions [R, 1].
  let rows: [Int32]
  let rowsPerQuery: Int
  /// The positions that each query attends to; all if nil.
  let ranges: [Range<Int>]?

  /// One cache row for all positions of a query: cross-attention to its image.
  public init(_ row: [Int32]) {
    rows = row
    rowsPerQuery = 1
    ranges = nil
  }

  /// A cache row for each of the `positions` of each query: self-attention of beams.
  ///
  /// - Parameter ranges: the positions that each query attends to; all if nil.
  public init(_ rows: [Int32], positions: Int, ranges: [Range<Int>]? = nil) {
    precondition(
      ranges?.allSatisfy { !$0.isEmpty && 0 <= $0.lowerBound && $0.upperBound <= positions } ?? true,
      "positions beyond the cache")
    self.rows = rows
    rowsPerQuery = positions
    self.ranges = ranges
  }
}

/// Attention of one new token a row over cached keys and values, for inference: q [R, C] and a cache
/// [N, L, C] of which the first `positions` of L are used → [R, C].
public func cachedAttention(
  _ q: Tensor, keys: Tensor, values: Tensor, positions: Int, rows: CacheRows, heads: Int, scale: Float
) -> Tensor {
  let (count, width) = (q.shape[0], q.shape[1])
  let size = width / heads
  precondition(positions <= keys.shape[1] && keys.strides == values.strides, "cache too short or uneven")
  let output = Tensor(uninitialized: [count, width], dtype: q.dtype)
  let query = q.detached
  // A head of many positions is worth a thread of its own; heads of few are not.
  parallel(count * heads, grain: max(1, 8192 / (positions * size))) { range in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: positions + size) { scratch in
      rows.rows.withUnsafeBufferPointer { table in
        for item in range {
          let (row, head) = (item / heads, item % heads)
          let range = rows.ranges?[row] ?? 0..<positions
          var cache = kernels_cache()
          cache.positions = Int64(range.count)
          cache.head_size = Int64(size)
          cache.row_pitch = Int64(keys.strides[0])
          cache.token_pitch = Int64(keys.strides[1])
          cache.rows = table.baseAddress.map {
            $0 + row * rows.rowsPerQuery + (rows.rowsPerQuery == 1 ? 0 : range.lowerBound)
          }
          cache.rows_step = rows.rowsPerQuery == 1 ? 0 : 1
          cache.scale = scale
          let cached = range.lowerBound * keys.strides[1] + head * size
          let (from, to) = (row * query.strides[0] + head * size, row * width + head * size)
          switch q.dtype {
          case .float32:
            kernels_attend_f32(
              &cache, query.float32 + from, keys.float32 + cached, values.float32 + cached,
              scratch.baseAddress, output.float32 + to)
          case .bfloat16:
            kernels_attend_bf16(
              &cache, query.bfloat16 + from, keys.bfloat16 + cached, values.bfloat16 + cached,
              scratch.baseAddress, output.bfloat16 + to)
          }
        }
      }
    }
  }
  return output
}
