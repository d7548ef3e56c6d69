import CVignetteKernels

/// The numbers of one step of AdamW.
struct AdamWStep {
  let learningRate: Float
  let weightDecay: Float
  /// What gradients are multiplied by first.
  let gradientScale: Float
  /// 1 − β₁ᵗ
  let correction1: Float
  /// √(1 − β₂ᵗ)
  let correction2: Float

  /// Changes a parameter's value and moments by its gradient, all contiguous float32.
  func apply(
    _ options: AdamWOptions, gradient: Tensor, firstMoment: Tensor, secondMoment: Tensor, value: Tensor
  ) {
    guard haveMemory(gradient, firstMoment, secondMoment, value) else { return }
    let step = kernels_adamw_step(
      learning_rate: learningRate, beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon,
      weight_decay: weightDecay, gradient_scale: gradientScale, correction1: correction1,
      correction2: correction2)
    withUnsafePointer(to: step) { step in
      parallel(value.count, grain: elementGrain) { range in
        kernels_adamw(
          step, Int64(range.lowerBound), Int64(range.upperBound), gradient.float32, firstMoment.float32,
          secondMoment.float32, value.float32)
      }
    }
  }
}
