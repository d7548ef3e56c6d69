import CVignetteKernels

/// x ⊙ λ: x [..., C] float32 by a learned factor λ [C] for each channel (Touvron et al., 2021).
public func layerScale(_ x: Tensor, _ scale: Parameter) -> Tensor {
  let columns = scale.count
  precondition(x.shape.last == columns, "\(scale.name) \(scale.shape) scales \(x.shape)")
  let input = x.detached.contiguous()
  let result = scaledColumns(input, scale)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x], [scale]) { [node = x.gradientNode] gradient in
    let upstream = gradient.contiguous()
    node?.accumulate(scaledColumns(upstream, scale))
    guard scale.isTrainable else { return }
    let sums = scale.zeroedGradientBuffer()
    parallel(columns, grain: 64) { range in
      let start = range.lowerBound
      kernels_product_column_sums_f32(
        Int64(input.count / columns), Int64(range.count), Int64(columns), input.float32 + start,
        upstream.float32 + start, sums.float32 + start)
    }
  }
}

private func scaledColumns(_ x: Tensor, _ scale: Parameter) -> Tensor {
  let columns = scale.count
  let result = Tensor(uninitialized: x.shape)
  parallel(x.count / columns, grain: max(1, elementGrain / columns)) { range in
    let start = range.lowerBound * columns
    kernels_scale_columns_f32(
      Int64(range.count), Int64(columns), scale.value.float32, x.float32 + start, result.float32 + start)
  }
  return result
}
