import CVignetteKernels
import CVignetteOneDNN

extension Activation {
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

/// output = activation(input), element by element; contiguous and of one type.
func apply(_ activation: Activation, _ input: Tensor, into output: Tensor) {
  guard haveMemory(input, output) else { return }
  guard input.count > 0 else { return }
  Threads.prepare()
  guard activation == .geluTanh else {
    let status = onednn_apply(
      activation.onednn, input.dtype.onednn, Int64(input.count), input.pointer, output.pointer)
    if status != 0 { noteOneDNNFailure() }
    return
  }
  parallel(input.count, grain: elementGrain) { range in
    let start = range.lowerBound
    kernels_gelu_tanh(
      input.dtype.kernels, Int64(range.count), input.pointer(at: start), output.pointer(at: start))
  }
}

/// output = activation'(input) · upstream, contiguous and of one type.
func applyGradient(_ activation: Activation, _ input: Tensor, upstream: Tensor, into output: Tensor) {
  guard haveMemory(input, upstream, output) else { return }
  guard input.count > 0 else { return }
  Threads.prepare()
  guard activation == .geluTanh else {
    let status = onednn_apply_backward(
      activation.onednn, input.dtype.onednn, Int64(input.count), input.pointer, upstream.pointer,
      output.pointer)
    if status != 0 { noteOneDNNFailure() }
    return
  }
  parallel(input.count, grain: elementGrain) { range in
    let start = range.lowerBound
    kernels_gelu_tanh_backward(
      input.dtype.kernels, Int64(range.count), input.pointer(at: start), upstream.pointer(at: start),
      output.pointer(at: start))
  }
}
