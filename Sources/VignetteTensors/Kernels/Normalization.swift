import CVignetteKernels

/// output = (x − mean) / √(variance + ε) · γ + β over rows of x, contiguous float32.
///
/// - Parameter statistics: receives mean and 1/√(variance + ε) of each row, [R, 2].
func normalizeRows(
  _ x: Tensor, gamma: Tensor, beta: Tensor, epsilon: Float, into output: Tensor, statistics: Tensor?
) {
  guard haveMemory(x, gamma, beta, output, statistics) else { return }
  let columns = gamma.count
  parallel(x.count / columns, grain: max(1, elementGrain / columns)) { range in
    kernels_layer_norm(
      output.dtype.kernels, Int64(columns), Int64(range.lowerBound), Int64(range.upperBound), x.float32,
      gamma.float32, beta.float32, epsilon, output.pointer, statistics?.float32)
  }
}

/// Writes dL/dx to `target` or adds it there, and gives parts [P, 2, C] whose sums are dγ and dβ.
///
/// Each range of rows sums its own dγ and dβ; added in order, the result doesn't depend on timing.
func normalizeRowsGradient(
  _ x: Tensor, gamma: Tensor, statistics: Tensor, upstream: Tensor,
  to target: (gradient: Tensor, accumulate: Bool)?
) -> Tensor {
  let columns = gamma.count
  let rows = x.count / columns
  let ranges = parallelRanges(rows, grain: max(1, elementGrain / columns))
  let parts = Tensor(zeros: [ranges, 2, columns])
  guard haveMemory(x, gamma, statistics, upstream, parts), haveMemory(target?.gradient ?? x) else {
    return parts
  }
  parallel(ranges, grain: 1) { range in
    for part in range {
      let dGamma = parts.float32 + part * 2 * columns
      kernels_layer_norm_backward(
        upstream.dtype.kernels, Int64(columns), Int64(rows * part / ranges),
        Int64(rows * (part + 1) / ranges),
        x.float32, gamma.float32, statistics.float32, upstream.pointer, target?.accumulate ?? false,
        target?.gradient.float32, dGamma, dGamma + columns)
    }
  }
  return parts
}
