/// Tensors that look at the same storage in another way, and copies where that is impossible.
extension Tensor {
  /// Whether elements stand in row-major order without gaps.
  package var isContiguous: Bool {
    var expected = 1
    for i in stride(from: rank - 1, through: 0, by: -1) {
      if shape[i] != 1 && strides[i] != expected { return false }
      expected &*= shape[i]
    }
    return true
  }

  /// The same elements in another shape; one size may be −1 and is worked out.
  ///
  /// The history on a tape is kept: gradients are counted by elements, not by shape.
  package func reshaped(_ sizes: Int...) -> Tensor { reshaped(to: sizes) }

  package func reshaped(to sizes: [Int]) -> Tensor {
    var shape = sizes
    if let unknown = sizes.firstIndex(of: -1) {
      let known = sizes.reduce(1) { $1 == -1 ? $0 : $0 &* $1 }
      shape[unknown] = known == 0 ? 0 : count / known
    }
    precondition(Tensor.count(shape) == count, "\(self.shape) can't be seen as \(sizes)")
    if shape == self.shape { return self }
    guard let strides = viewStrides(shape) else {
      precondition(node == nil, "a recorded view with gaps can't be reshaped")
      return contiguous().reshaped(to: shape)
    }
    return Tensor(shape: shape, strides: strides, dtype: dtype, storage: storage, offset: offset, node: node)
  }

  /// Strides that show the same memory in another shape, or nil where that takes a copy.
  private func viewStrides(_ target: [Int]) -> [Int]? {
    if isContiguous { return Tensor.contiguousStrides(target) }
    // Merge dimensions that are adjacent in memory, then cut them up anew.
    var merged: [(size: Int, stride: Int)] = []
    for i in 0..<rank where shape[i] != 1 {
      if let last = merged.last, last.stride == strides[i] * shape[i] {
        merged[merged.count - 1] = (last.size * shape[i], strides[i])
      } else {
        merged.append((shape[i], strides[i]))
      }
    }
    var result = [Int](repeating: 1, count: target.count)
    var dimension = target.count - 1
    for (size, stride) in merged.reversed() {
      var covered = 1
      while covered < size {
        guard dimension >= 0 else { return nil }
        result[dimension] = stride * covered
        covered *= target[dimension]
        dimension -= 1
      }
      if covered != size { return nil }
    }
    return result
  }

  /// The same memory without the history on a tape.
  package var detached: Tensor {
    Tensor(shape: shape, strides: strides, dtype: dtype, storage: storage, offset: offset)
  }

  func on(_ node: Node?) -> Tensor {
    Tensor(shape: shape, strides: strides, dtype: dtype, storage: storage, offset: offset, node: node)
  }

  /// Elements `range` of dimension `axis`, as a view without history.
  package func slice(_ range: Range<Int>, axis: Int) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= shape[axis], "slice beyond \(shape)")
    var shape = shape
    shape[axis] = range.count
    return Tensor(
      shape: shape, strides: strides, dtype: dtype, storage: storage,
      offset: offset + range.lowerBound * strides[axis])
  }

  /// Rows [R, C] of all leading dimensions, a view where the memory permits it.
  func asRows() -> Tensor { reshaped(to: [shape.dropLast().reduce(1, *), shape[rank - 1]]) }

  /// The same values without gaps; itself when there are none.
  package func contiguous() -> Tensor {
    if isContiguous { return self }
    let copy = Tensor(uninitialized: shape, dtype: dtype)
    copy.assign(self)
    return copy
  }
}
