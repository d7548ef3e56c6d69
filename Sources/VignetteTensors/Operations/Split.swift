extension Tensor {
  /// Cuts the last dimension [..., n·C] into n views [..., C], as the fused query, key and value need it.
  ///
  /// In the backward pass, the parts' gradients are written straight into one gradient of the whole.
  package func split(_ parts: Int) -> [Tensor] {
    let width = shape[rank - 1] / parts
    precondition(width * parts == shape[rank - 1], "\(shape) can't be cut into \(parts) equal parts")
    let views = (0..<parts).map { slice($0 * width..<($0 + 1) * width, axis: rank - 1) }
    guard let tape = Tape.of(self), let node = gradientNode else { return views.map { $0.on(self.node) } }

    let whole = LazyGradient(shape: shape, dtype: dtype)
    let recorded = views.enumerated().map { i, view in
      let part = tape.watch(view, needsGradient: true)
      part.node?.destination = { whole.buffer().slice(i * width..<(i + 1) * width, axis: self.rank - 1) }
      return part
    }
    tape.append {
      for part in recorded where part.node?.takeGradient() == nil {
        // A part that nothing used has a gradient of zero.
        part.node?.destination?().assign(Tensor(zeros: part.shape, dtype: part.dtype))
      }
      node.accumulate(whole.buffer())
    }
    return recorded
  }
}

/// A gradient that is allocated when the first part of it is written.
private final class LazyGradient {
  private let shape: [Int]
  private let dtype: DType
  private var tensor: Tensor?

  init(shape: [Int], dtype: DType) {
    self.shape = shape
    self.dtype = dtype
  }

  func buffer() -> Tensor {
    if let tensor { return tensor }
    let made = Tensor(uninitialized: shape, dtype: dtype)
    tensor = made
    return made
  }
}
