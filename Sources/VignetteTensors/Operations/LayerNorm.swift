import CVignetteKernels

/// (x − mean) / √(variance + ε) · γ + β over the last dimension (Ba, Kiros and Hinton, 2016):
/// x [..., C] float32, γ and β [C].
///
/// - Parameter output: the result's type; γ's compute type if nil.
public func layerNorm(
  _ x: Tensor, _ gamma: Parameter, _ beta: Parameter, epsilon: Float, output: DType? = nil
) -> Tensor {
  let input = x.detached.cast(to: .float32).contiguous()
  let columns = gamma.count
  precondition(x.shape.last == columns, "\(gamma.name) \(gamma.shape) normalises \(x.shape)")
  let rows = input.count / columns
  let result = Tensor(uninitialized: x.shape, dtype: output ?? gamma.computeType)
  let tape = Tape.of(x)
  let statistics = tape.map { _ in Tensor(uninitialized: [rows, 2]) }
  let (weight, bias) = (gamma.value.float32, beta.value.float32)
  parallel(rows, grain: max(1, elementGrain / columns)) { range in
    let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
    switch result.dtype {
    case .float32:
      kernels_layer_norm_f32(
        Int64(columns), begin, end, input.float32, weight, bias, epsilon, result.float32, statistics?.float32)
    case .bfloat16:
      kernels_layer_norm_bf16(
        Int64(columns), begin, end, input.float32, weight, bias, epsilon, result.bfloat16, statistics?.float32
      )
    }
  }
  guard let tape, let statistics else { return result }
  return tape.record(result, from: [x], [gamma, beta]) { [node = x.gradientNode] gradient in
    layerNormGradient(to: node, input: input, gamma, beta, statistics, gradient.contiguous())
  }
}

private func layerNormGradient(
  to node: Node?, input: Tensor, _ gamma: Parameter, _ beta: Parameter, _ statistics: Tensor,
  _ gradient: Tensor
) {
  let columns = gamma.count
  let rows = input.count / columns
  let target = node.map { $0.target(shape: input.shape) }
  // Each range of rows sums its own dγ and dβ; they are added in order, so the result doesn't depend on timing.
  let grain = max(1, elementGrain / columns)
  let ranges = Int(kernels_parallel_ranges(Int64(rows), Int64(grain)))
  let partial = Tensor(zeros: [ranges, 2, columns])
  parallel(ranges, grain: 1) { range in
    for part in range {
      let (begin, end) = (Int64(rows * part / ranges), Int64(rows * (part + 1) / ranges))
      let dGamma = partial.float32 + part * 2 * columns
      switch gradient.dtype {
      case .float32:
        kernels_layer_norm_backward_f32(
          Int64(columns), begin, end, input.float32, gamma.value.float32, statistics.float32,
          gradient.float32,
          target?.accumulate ?? false, target?.gradient.float32, dGamma, dGamma + columns)
      case .bfloat16:
        kernels_layer_norm_backward_bf16(
          Int64(columns), begin, end, input.float32, gamma.value.float32, statistics.float32,
          gradient.bfloat16,
          target?.accumulate ?? false, target?.gradient.float32, dGamma, dGamma + columns)
      }
    }
  }
  for (parameter, part) in [(gamma, 0), (beta, 1)] where parameter.isTrainable {
    addColumnSums(
      of: partial.slice(part..<part + 1, axis: 1).reshaped(to: [ranges, columns]),
      to: parameter.zeroedGradientBuffer())
  }
}
