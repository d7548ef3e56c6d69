/// Sets each element to zero with `probability` and scales the others by 1 / (1 − probability)
/// (Srivastava et al., 2014), where x stands on a tape that has a dropout seed; else x itself.
package func dropout(_ x: Tensor, probability: Float) -> Tensor {
  guard probability > 0, let tape = Tape.of(x), let seed = tape.nextDropoutSeed() else { return x }
  let result = droppedOut(x.detached.contiguous(), probability, seed)
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    // The mask is a function of the seed alone, so it is made again instead of being kept.
    node?.accumulate(droppedOut(gradient.contiguous(), probability, seed))
  }
}

func droppedOut(_ x: Tensor, _ probability: Float, _ seed: UInt64) -> Tensor {
  let result = Tensor(uninitialized: x.shape, dtype: x.dtype)
  dropOut(x, probability: probability, seed: seed, into: result)
  return result
}

/// Stochastic depth (Huang et al., 2016): sets whole entries of x [B, ...] float32 to zero with `probability`
/// and scales the others by 1 / (1 − probability), where x stands on a tape that has a dropout seed; else x
/// itself.
package func dropPath(_ x: Tensor, probability: Float) -> Tensor {
  guard probability > 0, let tape = Tape.of(x), let seed = tape.nextDropoutSeed() else { return x }
  var generator = RandomGenerator(seed: seed)
  let factors = (0..<x.shape[0]).map { _ in
    generator.uniform() < Double(probability) ? 0 : 1 / (1 - probability)
  }
  return tape.record(scaledEntries(x.detached, factors), from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(scaledEntries(gradient, factors))
  }
}

/// LayerDrop (Fan et al., 2019): whether a whole layer that takes x is left out, with `probability`, where x stands on a
/// tape that has a dropout seed.
package func isLayerDropped(_ x: Tensor, probability: Float) -> Bool {
  guard probability > 0, let tape = Tape.of(x), let seed = tape.nextDropoutSeed() else { return false }
  var generator = RandomGenerator(seed: seed)
  return generator.uniform() < Double(probability)
}

/// Where a layer draws what it varies in training; nil unless x stands on a tape that has a dropout seed.
package func trainingGenerator(_ x: Tensor) -> RandomGenerator? {
  Tape.of(x)?.nextDropoutSeed().map { RandomGenerator(seed: $0) }
}

private func scaledEntries(_ x: Tensor, _ factors: [Float]) -> Tensor {
  let result = Tensor(uninitialized: x.shape)
  scaleEntries(x.contiguous(), by: factors, into: result)
  return result
}
