import CVignetteKernels
import CVignetteOneDNN

/// A function of one number that a network applies to every element.
public enum Activation: Sendable, CaseIterable {
  case identity
  /// x Φ(x), with the error function.
  case gelu
  /// The approximation of ``gelu`` by tanh that GPT-2 was trained with.
  case geluTanh
  case relu
  /// x σ(x), also called swish.
  case silu
  case tanh
  case sigmoid
  /// x σ(1.702 x), as CLIP uses it.
  case quickGELU

  var onednn: onednn_function {
    switch self {
    case .identity: ONEDNN_IDENTITY
    case .gelu: ONEDNN_GELU_ERF
    case .geluTanh: ONEDNN_GELU_TANH
    case .relu: ONEDNN_RELU
    case .silu: ONEDNN_SWISH
    case .tanh: ONEDNN_TANH
    case .sigmoid: ONEDNN_LOGISTIC
    case .quickGELU: ONEDNN_QUICK_GELU
    }
  }
}

/// activation(x), element by element.
public func activate(_ x: Tensor, _ activation: Activation) -> Tensor {
  if activation == .identity { return x }
  let input = x.contiguous()
  let output = Tensor(uninitialized: x.shape, dtype: x.dtype)
  apply(activation, input, into: output)
  guard let tape = Tape.of(x) else { return output }
  return tape.record(output, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(activationGradient(activation, input: input, gradient: gradient))
  }
}

func apply(_ activation: Activation, _ input: Tensor, into output: Tensor) {
  guard input.count > 0 else { return }
  if activation == .geluTanh { return geluTanh(input, into: output) }
  let status = onednn_apply(
    activation.onednn, input.dtype.onednn, Int64(input.count), input.pointer, output.pointer)
  if status != 0 { oneDNNFailure() }
}

/// activation'(input) · gradient
func activationGradient(_ activation: Activation, input: Tensor, gradient: Tensor) -> Tensor {
  let upstream = gradient.cast(to: input.dtype).contiguous()
  let result = Tensor(uninitialized: input.shape, dtype: input.dtype)
  guard input.count > 0 else { return result }
  if activation == .geluTanh {
    geluTanhGradient(input, upstream, into: result)
    return result
  }
  let status = onednn_apply_backward(
    activation.onednn, input.dtype.onednn, Int64(input.count), input.pointer, upstream.pointer, result.pointer
  )
  if status != 0 { oneDNNFailure() }
  return result
}

private func geluTanh(_ input: Tensor, into output: Tensor) {
  parallel(input.count, grain: elementGrain) { range in
    let (start, count) = (range.lowerBound, Int64(range.count))
    switch input.dtype {
    case .float32: kernels_gelu_tanh_f32(count, input.float32 + start, output.float32 + start)
    case .bfloat16: kernels_gelu_tanh_bf16(count, input.bfloat16 + start, output.bfloat16 + start)
    }
  }
}

private func geluTanhGradient(_ input: Tensor, _ upstream: Tensor, into result: Tensor) {
  parallel(input.count, grain: elementGrain) { range in
    let (start, count) = (range.lowerBound, Int64(range.count))
    switch input.dtype {
    case .float32:
      kernels_gelu_tanh_backward_f32(
        count, input.float32 + start, upstream.float32 + start, result.float32 + start)
    case .bfloat16:
      kernels_gelu_tanh_backward_bf16(
        count, input.bfloat16 + start, upstream.bfloat16 + start, result.bfloat16 + start)
    }
  }
}
