import CVignetteKernels

/// output [R, C] = attention of each query row over the first `positions` of the cache rows that `rows` names.
func attendToCache(
  _ query: Tensor, keys: Tensor, values: Tensor, positions: Int, rows: CacheRows, heads: Int, scale: Float,
  into output: Tensor
) {
  guard haveMemory(query, keys, values, output) else { return }
  let (count, width) = (query.shape[0], query.shape[1])
  let size = width / heads
  let pitch = keys.rank == 2 ? 0 : keys.strides[keys.rank - 2]
  let headPitch = keys.rank == 4 ? keys.strides[1] : size
  // A head of many positions is worth a thread of its own; heads of few are not. One head of all rows comes before the
  // next head, so that an image's beams find what they share in the processor's cache.
  parallel(count * heads, grain: max(1, 8192 / (positions * size))) { range in
    withUnsafeTemporaryAllocation(of: Float.self, capacity: positions + size) { scratch in
      rows.rows.withUnsafeBufferPointer { table in
        for item in range {
          let (head, row) = item.quotientAndRemainder(dividingBy: count)
          let attended = rows.ranges?[row] ?? 0..<positions
          let first = attended.lowerBound * pitch + head * headPitch
          var cache = kernels_cache()
          cache.positions = Int64(attended.count)
          cache.head_size = Int64(size)
          cache.row_pitch = Int64(keys.strides[0])
          cache.token_pitch = Int64(pitch)
          cache.rows = table.baseAddress.map {
            $0 + row * rows.rowsPerQuery + (rows.rowsPerQuery == 1 ? 0 : attended.lowerBound)
          }
          cache.rows_step = rows.rowsPerQuery == 1 ? 0 : 1
          cache.scale = scale
          kernels_attend(
            query.dtype.kernels, &cache, query.pointer(at: row * query.strides[0] + head * size),
            keys.pointer(at: first), values.pointer(at: first), scratch.baseAddress,
            output.pointer(at: row * width + head * size))
        }
      }
    }
  }
}
