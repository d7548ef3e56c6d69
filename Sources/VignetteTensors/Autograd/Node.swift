/// A tensor's place on a tape: where its gradient gathers in the backward pass.
package final class Node {
  let tape: Tape
  /// False for inputs (pixel values) that nothing below can learn from.
  package let needsGradient: Bool
  private let shape: [Int]
  private let dtype: DType
  private var gradient: Tensor?
  /// Whether `gradient` is this node's alone, so that it may be added to in place.
  private var isExclusive = false
  /// Gives the part of a larger gradient that this one should be written into, if it has one.
  var destination: (() -> Tensor)?

  init(tape: Tape, like tensor: Tensor, needsGradient: Bool) {
    self.tape = tape
    self.needsGradient = needsGradient
    shape = tensor.shape
    dtype = tensor.dtype
  }

  /// Where an operation writes its contribution, seen in the shape in which it used the tensor, and whether
  /// it must add to what is there.
  func target(shape used: [Int]) -> (gradient: Tensor, accumulate: Bool) {
    let (gradient, accumulate) = target()
    let view = gradient.reshaped(to: used)
    precondition(view.storage === gradient.storage, "a gradient of \(shape) can't be seen as \(used)")
    return (view, accumulate)
  }

  private func target() -> (gradient: Tensor, accumulate: Bool) {
    if let gradient {
      if isExclusive { return (gradient, true) }
      let own = makeBuffer()
      own.assign(gradient)
      self.gradient = own
      isExclusive = true
      return (own, true)
    }
    let own = makeBuffer()
    gradient = own
    isExclusive = true
    return (own, false)
  }

  /// Adds a whole gradient, which is kept as it is when it is the first.
  func accumulate(_ contribution: Tensor) {
    let contribution = contribution.cast(to: dtype).reshaped(to: shape)
    guard let current = gradient else {
      if destination == nil {
        gradient = contribution
      } else {
        target().gradient.assign(contribution)
      }
      return
    }
    let sum = isExclusive ? current : makeBuffer()
    addElements(current, contribution, into: sum)
    gradient = sum
    isExclusive = true
  }

  /// Hands the gathered gradient over and forgets it.
  func takeGradient() -> Tensor? {
    defer { gradient = nil }
    return gradient
  }

  private func makeBuffer() -> Tensor {
    destination?() ?? Tensor(uninitialized: shape, dtype: dtype)
  }
}
