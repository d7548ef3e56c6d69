import CVignetteKernels

/// Rows that are each a weighted sum of a few rows of x: [N, C] → [R, C], as resampled positions are.
///
/// - Parameter rows: for each of the R rows, which rows of x it is made of.
public func mixRows(_ x: Tensor, _ rows: [[(row: Int, weight: Float)]]) -> Tensor {
  let columns = x.shape[1]
  let source = x.detached.contiguous()
  let result = Tensor(zeros: [rows.count, columns])
  for (target, terms) in rows.enumerated() {
    for (row, weight) in terms {
      kernels_add_scaled_f32(
        Int64(columns), weight, source.float32 + row * columns, result.float32 + target * columns)
    }
  }
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode, shape = source.shape] gradient in
    let upstream = gradient.contiguous()
    let sums = Tensor(zeros: shape)
    for (target, terms) in rows.enumerated() {
      for (row, weight) in terms {
        kernels_add_scaled_f32(
          Int64(columns), weight, upstream.float32 + target * columns, sums.float32 + row * columns)
      }
    }
    node?.accumulate(sums)
  }
}
