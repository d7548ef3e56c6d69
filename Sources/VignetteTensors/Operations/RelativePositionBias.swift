import CVignetteKernels

/// The bias that attention adds to the scores of query t and key s, looked up by how they lie to each other:
/// table [N, H], `index` [T·S] rows of it, `mask` [G, T·S] → [G, H, T, S].
///
/// - Parameters:
///   - mask: added for all heads alike, for each of G groups of batch entries; nil for one group and no mask.
public func relativePositionBias(
  _ table: Tensor, index: [Int32], queries: Int, mask: Tensor? = nil
) -> Tensor {
  let (rows, heads, pairs) = (table.shape[0], table.shape[1], index.count)
  precondition(index.allSatisfy { $0 >= 0 && $0 < rows }, "a relative position is beyond \(rows) rows")
  precondition(mask.map { $0.shape[1] == pairs } ?? true, "the mask does not fit \(pairs) pairs")
  let groups = mask?.shape[0] ?? 1
  let columns = table.detached.transposed.contiguous()
  let result = Tensor(uninitialized: [groups, heads, queries, pairs / queries])
  parallel(groups * heads, grain: max(1, elementGrain / pairs)) { range in
    for item in range {
      let (group, head) = (item / heads, item % heads)
      kernels_gather_f32(
        Int64(pairs), columns.float32 + head * rows, index, mask.map { $0.float32 + group * pairs },
        result.float32 + item * pairs)
    }
  }
  guard let tape = Tape.of(table) else { return result }
  return tape.record(result, from: [table]) { [node = table.gradientNode] gradient in
    let upstream = gradient.contiguous()
    let sums = Tensor(zeros: [heads, rows])
    // A head's sums are one thread's, so that they don't depend on timing.
    parallel(heads, grain: 1) { range in
      for head in range {
        for group in 0..<groups {
          kernels_scatter_add_f32(
            Int64(pairs), upstream.float32 + (group * heads + head) * pairs, index,
            sums.float32 + head * rows)
        }
      }
    }
    node?.accumulate(sums.transposed.contiguous())
  }
}
