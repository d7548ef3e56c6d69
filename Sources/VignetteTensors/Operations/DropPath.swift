import CVignetteKernels

/// Stochastic depth (Huang et al., 2016): sets whole entries of x [B, ...] float32 to zero with `probability`
/// and scales the others by 1 / (1 − probability), where x stands on a tape that has a dropout seed; else x
/// itself.
public func dropPath(_ x: Tensor, probability: Float) -> Tensor {
  guard probability > 0, let tape = Tape.of(x), let seed = tape.nextDropoutSeed() else { return x }
  var generator = RandomGenerator(seed: seed)
  let factors = (0..<x.shape[0]).map { _ in
    generator.uniform() < Double(probability) ? 0 : 1 / (1 - probability)
  }
  return tape.record(scaledEntries(x.detached, factors), from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(scaledEntries(gradient, factors))
  }
}

private func scaledEntries(_ x: Tensor, _ factors: [Float]) -> Tensor {
  let input = x.contiguous()
  let result = Tensor(uninitialized: x.shape)
  let size = x.count / factors.count
  for (entry, factor) in factors.enumerated() {
    kernels_scale_f32(Int64(size), factor, input.float32 + entry * size, result.float32 + entry * size)
  }
  return result
}
