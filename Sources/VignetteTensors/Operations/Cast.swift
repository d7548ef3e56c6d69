import CVignetteKernels

extension Tensor {
  /// The same values as another type; itself where it already has it.
  public func cast(to dtype: DType) -> Tensor {
    guard dtype != self.dtype else { return self }
    let source = contiguous()
    let result = Tensor(uninitialized: shape, dtype: dtype)
    parallel(count, grain: elementGrain) { range in
      let start = range.lowerBound
      switch dtype {
      case .bfloat16:
        kernels_bf16_from_f32(Int64(range.count), source.float32 + start, result.bfloat16 + start)
      case .float32:
        kernels_f32_from_bf16(Int64(range.count), source.bfloat16 + start, result.float32 + start)
      }
    }
    guard let tape = Tape.of(self) else { return result }
    return tape.record(result, from: [self]) { [node = gradientNode] gradient in node?.accumulate(gradient) }
  }
}
