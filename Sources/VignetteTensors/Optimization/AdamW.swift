/// The options of ``AdamW``, with PyTorch's names and Hugging Face's defaults.
package struct AdamWOptions: Sendable, Equatable {
  /// β₁: how much of the gradient's running mean is kept in a step.
  package var beta1: Float = 0.9
  /// β₂: how much of the running mean of its square is kept.
  package var beta2: Float = 0.999
  /// ε: what is added to the root of the latter.
  package var epsilon: Float = 1e-8
  /// How much of a weight, times the learning rate, is taken off in a step.
  package var weightDecay: Float = 0

  package init() {}
}

/// Adam with decoupled weight decay (Loshchilov and Hutter, 2019), computed as PyTorch's `AdamW` does.
package final class AdamW {
  package let options: AdamWOptions
  /// How many steps were made.
  package private(set) var stepCount = 0
  private let slots: [Slot]

  /// What is kept for a parameter: the running means of its gradient and of the gradient's square.
  package struct Slot {
    package let parameter: Parameter
    package let firstMoment: Tensor
    package let secondMoment: Tensor
    let decay: Float
  }

  /// - Parameters:
  ///   - parameters: the ones that are trained.
  ///   - decays: whether weight decay applies to a parameter.
  package init(_ parameters: [Parameter], options: AdamWOptions, decays: (Parameter) -> Bool) {
    self.options = options
    slots = parameters.map {
      Slot(
        parameter: $0, firstMoment: Tensor(zeros: $0.shape), secondMoment: Tensor(zeros: $0.shape),
        decay: decays($0) ? options.weightDecay : 0)
    }
  }

  /// The optimiser's state, to be saved.
  package var state: [Slot] { slots }

  /// Goes on from a saved state.
  ///
  /// - Parameter fill: sets the two moments of the parameter named.
  package func restore(
    stepCount: Int,
    fill: (String, _ first: UnsafeMutableBufferPointer<Float>, _ second: UnsafeMutableBufferPointer<Float>)
      throws -> Void
  ) rethrows {
    for slot in slots {
      try slot.firstMoment.withMutableFloats { first in
        try slot.secondMoment.withMutableFloats { second in try fill(slot.parameter.name, first, second) }
      }
    }
    self.stepCount = stepCount
  }

  /// Forgets the gradients without a step.
  package func forgetGradients() {
    for slot in slots { slot.parameter.gradient = nil }
  }

  /// √Σ g² over all gradients.
  package func gradientNorm() -> Float {
    let sum = slots.reduce(0) { $0 + ($1.parameter.gradient?.sumOfSquares ?? 0) }
    return Float(sum.squareRoot())
  }

  /// Changes every parameter that has a gradient, and forgets the gradients.
  ///
  /// - Parameter gradientScale: what gradients are multiplied by first.
  package func step(learningRate: Float, gradientScale: Float = 1) {
    stepCount += 1
    for slot in slots {
      guard let gradient = slot.parameter.gradient else { continue }
      let step = AdamWStep(
        learningRate: learningRate, weightDecay: slot.decay, gradientScale: gradientScale,
        correction1: Float(1 - power(options.beta1, stepCount)),
        correction2: Float((1 - power(options.beta2, stepCount)).squareRoot()))
      slot.parameter.change { value in
        step.apply(
          options, gradient: gradient, firstMoment: slot.firstMoment, secondMoment: slot.secondMoment,
          value: value)
      }
    }
    forgetGradients()
  }

  private func power(_ base: Float, _ exponent: Int) -> Double {
    var (result, factor, rest) = (1.0, Double(base), exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= factor }
      factor *= factor
      rest >>= 1
    }
    return result
  }
}
