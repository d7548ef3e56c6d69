// How elements come into a tensor and out of it again. Outside this file and the kernels, nobody asks where they are.

extension Tensor {
  /// A tensor of zeros.
  package init(zeros shape: [Int], dtype: DType = .float32) {
    self.init(uninitialized: shape, dtype: dtype)
    guard hasMemory else { return }
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count * dtype.size)
  }

  /// A float32 tensor with the given elements in row-major order.
  public init(_ values: [Float], shape: [Int]) {
    precondition(
      values.count == Tensor.count(shape), "\(values.count) values do not fill the shape \(shape)")
    self.init(uninitialized: shape)
    guard hasMemory else { return }
    values.withUnsafeBytes {
      pointer.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(pointer), byteCount: $0.count)
    }
  }

  /// A float32 tensor whose elements `fill` sets, in row-major order; it isn't called where there is no memory.
  package init(shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    self.init(uninitialized: shape)
    guard hasMemory else { return }
    try fill(UnsafeMutableBufferPointer(start: float32, count: count))
  }

  /// A tensor whose elements `fill` sets, in row-major order and the type's own bytes; it isn't called where there is
  /// no memory.
  package init(
    shape: [Int], dtype: DType, fillBytes fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    self.init(uninitialized: shape, dtype: dtype)
    guard hasMemory else { return }
    try fill(UnsafeMutableRawBufferPointer(start: pointer, count: count * dtype.size))
  }

  /// A float32 tensor that reads memory owned by `owner` (a mapped checkpoint) without copying it.
  ///
  /// - Precondition: `bytes` is aligned for floats and as large as the shape says.
  package init(borrowing bytes: UnsafeRawBufferPointer, shape: [Int], owner: AnyObject) {
    precondition(bytes.count == Tensor.count(shape) * DType.float32.size, "bytes do not fill the shape")
    guard let base = bytes.baseAddress else {
      self.init(uninitialized: shape)
      return
    }
    self.init(
      shape: shape, dtype: .float32,
      storage: Storage(borrowing: base, byteCount: bytes.count, owner: owner))
  }
}

extension Tensor {
  /// The elements in row-major order, as float32.
  public var floats: [Float] {
    let source = contiguous().cast(to: .float32)
    guard haveMemory(source) else { return [] }
    return Array(UnsafeBufferPointer(start: source.float32, count: source.count))
  }

  /// The only element of a tensor with one element.
  package var scalar: Float {
    precondition(count == 1, "a tensor of shape \(shape) is no scalar")
    return floats.first ?? .nan
  }

  /// Calls `body` with the elements of a contiguous float32 tensor, without copying; with none where there was no memory.
  package func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    let source = contiguous().cast(to: .float32)
    guard haveMemory(source) else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
    return try withExtendedLifetime(source) {
      try body(UnsafeBufferPointer(start: source.float32, count: source.count))
    }
  }

  /// Calls `body` with the elements of a contiguous float32 tensor, to be changed in place.
  func withMutableFloats<Result>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(isContiguous, "elements of \(shape) with gaps changed in place")
    guard haveMemory(self) else { return try body(UnsafeMutableBufferPointer(start: nil, count: 0)) }
    return try withExtendedLifetime(self) {
      try body(UnsafeMutableBufferPointer(start: float32, count: count))
    }
  }

  /// Calls `body` with the elements' bytes, in row-major order; with none where there was no memory.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let source = contiguous()
    guard haveMemory(source) else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return try withExtendedLifetime(source) {
      try body(UnsafeRawBufferPointer(start: source.pointer, count: source.count * dtype.size))
    }
  }
}

// MARK: - Copies

extension Tensor {
  /// Copies the elements of a tensor of the same shape and type into this one's memory.
  package func assign(_ source: Tensor) {
    precondition(shape == source.shape && dtype == source.dtype, "\(source.shape) copied into \(shape)")
    guard haveMemory(self, source), count > 0 else { return }
    if isContiguous && source.isContiguous {
      pointer.copyMemory(from: source.pointer, byteCount: count * dtype.size)
      return
    }
    let run = strides[rank - 1] == 1 && source.strides[rank - 1] == 1 ? shape[rank - 1] : 1
    let outer = run == 1 ? shape : Array(shape.dropLast())
    let bytes = run * dtype.size
    forEachIndex(outer) { index in
      var to = 0
      var from = 0
      for (axis, i) in index.enumerated() {
        to += i * strides[axis]
        from += i * source.strides[axis]
      }
      (pointer + to * dtype.size).copyMemory(from: source.pointer + from * dtype.size, byteCount: bytes)
    }
  }

  private func forEachIndex(_ sizes: [Int], _ body: ([Int]) -> Void) {
    var index = [Int](repeating: 0, count: sizes.count)
    while true {
      body(index)
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < sizes[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

// MARK: - For kernels

extension Tensor {
  /// The first element. Who asks for it has seen that there is memory.
  var pointer: UnsafeMutableRawPointer {
    guard let base = storage.base else { preconditionFailure("there was no memory for \(shape)") }
    return base + offset * dtype.size
  }

  /// The element so many after the first.
  func pointer(at elements: Int) -> UnsafeMutableRawPointer { pointer + elements * dtype.size }

  var float32: UnsafeMutablePointer<Float> {
    precondition(dtype == .float32, "expected float32, found \(dtype)")
    return pointer.assumingMemoryBound(to: Float.self)
  }
}
