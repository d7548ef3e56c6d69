/// Records the operations on tensors that stand on it, and runs them backwards.
///
/// ```swift
/// let tape = Tape()
/// let loss = crossEntropy(model(tape.watch(pixelValues)), labels: labels)
/// tape.backward(from: loss)        // model.parameters now have gradients
/// ```
///
/// A tape is used once. Without one, the same code runs and records nothing.
public final class Tape {
  private var steps: [() -> Void] = []
  /// Drives dropout; nil turns it off.
  private var dropoutSeeds: RandomGenerator?

  /// - Parameter dropoutSeed: what all of this tape's dropout masks derive from; nil for no dropout.
  public init(dropoutSeed: UInt64? = nil) {
    dropoutSeeds = dropoutSeed.map { RandomGenerator(seed: $0) }
  }

  /// Puts a tensor on the tape. What is computed from it is recorded as far as it concerns parameters
  /// that are trained, or the tensor itself where it `needsGradient`.
  public func watch(_ tensor: Tensor, needsGradient: Bool = false) -> Tensor {
    tensor.on(Node(tape: self, like: tensor, needsGradient: needsGradient))
  }

  /// The gradient that ``backward(from:gradient:)`` left at a watched tensor.
  public func gradient(of tensor: Tensor) -> Tensor? { tensor.node?.takeGradient() }

  /// Runs all steps backwards, adding to ``Parameter/gradient``.
  ///
  /// - Parameter gradient: dL/dtensor; ones if nil.
  public func backward(from tensor: Tensor, gradient: Tensor? = nil) {
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
      append { if let gradient = node.takeGradient() { backward(gradient) } }
    }
    return result
  }

  func append(_ step: @escaping () -> Void) { steps.append(step) }

  /// A seed for the next dropout mask, or nil if dropout is off.
  func nextDropoutSeed() -> UInt64? { dropoutSeeds?.next() }
}

extension Tensor {
  /// The node that a gradient should flow to, if any.
  var gradientNode: Node? {
    guard let node, node.needsGradient else { return nil }
    return node
  }
}
