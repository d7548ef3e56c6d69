import CVignetteKernels

/// Sets each element to zero with `probability` and scales the others by 1 / (1 − probability)
/// (Srivastava et al., 2014), where x stands on a tape that has a dropout seed; else x itself.
public func dropout(_ x: Tensor, probability: Float) -> Tensor {
  guard probability > 0, let tape = Tape.of(x), let seed = tape.nextDropoutSeed() else { return x }
  let result = droppedOut(x.detached.contiguous(), probability, seed)
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    // The mask is a function of the seed alone, so it is made again instead of being kept.
    node?.accumulate(droppedOut(gradient.contiguous(), probability, seed))
  }
}

func droppedOut(_ x: Tensor, _ probability: Float, _ seed: UInt64) -> Tensor {
  let result = Tensor(uninitialized: x.shape, dtype: x.dtype)
  parallel(x.count, grain: elementGrain) { range in
    let (begin, end) = (Int64(range.lowerBound), Int64(range.upperBound))
    switch x.dtype {
    case .float32: kernels_dropout_f32(begin, end, seed, probability, x.float32, result.float32)
    case .bfloat16: kernels_dropout_bf16(begin, end, seed, probability, x.bfloat16, result.bfloat16)
    }
  }
  return result
}
