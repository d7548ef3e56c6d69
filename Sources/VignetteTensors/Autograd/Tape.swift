/// Records the operations on tensors that stand on it, and runs the backward pass.
///
/// ```swift
/// let tape = Tape()
/// let loss = crossEntropy(model(tape.watch(pixelValues)), labels: labels)
/// tape.backward(from: loss)  // model.parameters now have gradients
/// ```
///
/// A tape is used once. Without one, the same code runs and records nothing.
public final class Tape {
  private var steps: [() -> Void] = []
  /// Drives dropout; nil turns it off.
  private var dropoutSeeds: RandomGenerator?
  private let mode: Mode
  /// Whether anything on it needs a gradient.
  private var concernsParameters = false

  private enum Mode {
    /// Keeps every step.
    case recording
    /// Keeps what goes into ``recomputed(_:_:)``, and runs that again when its gradient is wanted.
    case recomputing
    /// Keeps nothing, but drops out.
    case forwardOnly
  }

  /// - Parameters:
  ///   - dropoutSeed: what all of this tape's dropout masks derive from; nil for no dropout.
  ///   - recomputes: whether ``recomputed(_:_:)`` keeps only its inputs, for less memory and more time.
  package init(dropoutSeed: UInt64? = nil, recomputes: Bool = false) {
    dropoutSeeds = dropoutSeed.map { RandomGenerator(seed: $0) }
    mode = recomputes ? .recomputing : .recording
  }

  private init(dropoutSeeds: RandomGenerator?, mode: Mode) {
    self.dropoutSeeds = dropoutSeeds
    self.mode = mode
  }

  /// Puts a tensor on the tape. What is computed from it is recorded as far as it concerns parameters
  /// that are trained, or the tensor itself where it `needsGradient`.
  package func watch(_ tensor: Tensor, needsGradient: Bool = false) -> Tensor {
    tensor.on(Node(tape: self, like: tensor, needsGradient: needsGradient))
  }

  /// The gradient that ``backward(from:gradient:)`` left at a watched tensor.
  package func gradient(of tensor: Tensor) -> Tensor? { tensor.node?.takeGradient() }

  /// Runs the backward pass, adding to ``Parameter/gradient``.
  ///
  /// - Parameter gradient: dL/dtensor; ones if nil.
  package func backward(from tensor: Tensor, gradient: Tensor? = nil) {
    guard let node = tensor.node, node.needsGradient else { return }
    node.accumulate(gradient ?? Tensor([Float](repeating: 1, count: tensor.count), shape: tensor.shape))
    // Each step is dropped as soon as it has run, and the activations that it held with it.
    while let step = steps.popLast() { step() }
  }

  /// The tape that any of the tensors stands on.
  package static func of(_ tensors: Tensor?...) -> Tape? {
    for case let node? in tensors.lazy.map({ $0?.node }) { return node.tape }
    return nil
  }

  /// Whether what is computed from any of the tensors may be dropped out.
  package static func isDroppingOut(_ tensors: Tensor?...) -> Bool {
    tensors.contains { $0?.node?.tape.dropoutSeeds != nil }
  }

  /// Puts an operation's output on the tape; `backward` gets dL/doutput when its turn comes.
  package func record(
    _ output: Tensor, from inputs: [Tensor?], _ parameters: [Parameter?] = [],
    backward: @escaping (_ gradient: Tensor) -> Void
  ) -> Tensor {
    let needsGradient =
      inputs.contains { $0?.node?.needsGradient ?? false } || parameters.contains { $0?.isTrainable ?? false }
    let result = watch(output, needsGradient: needsGradient)
    if needsGradient, let node = result.node {
      concernsParameters = true
      append { if let gradient = node.takeGradient() { backward(gradient) } }
    }
    return result
  }

  func append(_ step: @escaping () -> Void) {
    if mode != .forwardOnly { steps.append(step) }
  }

  /// A seed for the next dropout mask, or nil if dropout is off.
  func nextDropoutSeed() -> UInt64? { dropoutSeeds?.next() }
}

extension Tape {
  /// A part of a model, such as a layer, whose activations need not be kept (Chen et al., 2016): where the tape
  /// recomputes, `body` runs forward once more when its gradient is wanted, with the same dropout masks.
  ///
  /// - Parameters:
  ///   - inputs: every tensor on the tape that `body` uses.
  ///   - body: gets the inputs, and may use parameters and tensors that are on no tape besides.
  package static func recomputed(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    let tapes = inputs.lazy.compactMap { $0.node?.tape }
    guard let tape = tapes.first, tape.mode == .recomputing else { return body(inputs) }
    let start = tape.dropoutSeeds
    func run(_ mode: Mode) -> (tape: Tape, inputs: [Tensor], output: Tensor) {
      let inner = Tape(dropoutSeeds: start, mode: mode)
      let watched = inputs.map {
        $0.detached.on(Node(tape: inner, like: $0, needsGradient: $0.gradientNode != nil))
      }
      return (inner, watched, body(watched))
    }
    let forward = run(.forwardOnly)
    tape.dropoutSeeds = forward.tape.dropoutSeeds
    guard forward.tape.concernsParameters else { return tape.watch(forward.output.detached) }
    let result = tape.watch(forward.output.detached, needsGradient: true)
    let node = result.node
    tape.append {
      guard let gradient = node?.takeGradient() else { return }
      let again = run(.recording)
      again.tape.backward(from: again.output, gradient: gradient)
      for (input, watched) in zip(inputs, again.inputs) {
        if let sum = again.tape.gradient(of: watched) { input.gradientNode?.accumulate(sum) }
      }
    }
    return result
  }
}

extension Tensor {
  /// The node that a gradient should flow to, if any.
  var gradientNode: Node? {
    guard let node, node.needsGradient else { return nil }
    return node
  }
}
