/// An n-dimensional array of floats: a shape and strides over storage that several tensors may share.
///
/// A tensor is a value; operations (`linear`, `attention`, `layerNorm`, …) make new ones. One that
/// stands on a ``Tape`` takes its history along, so that gradients flow back to the ``Parameter``s.
public struct Tensor {
  public let shape: [Int]
  /// Elements from one index to the next, for each dimension.
  package let strides: [Int]
  public let dtype: DType
  package let storage: Storage
  /// The first element's place in the storage, in elements.
  package let offset: Int
  package let node: Node?

  package init(
    shape: [Int], strides: [Int]? = nil, dtype: DType, storage: Storage, offset: Int = 0, node: Node? = nil
  ) {
    self.shape = shape
    self.strides = strides ?? Tensor.contiguousStrides(shape)
    self.dtype = dtype
    self.storage = storage
    self.offset = offset
    self.node = node
  }

  /// A contiguous tensor whose elements are not yet set.
  package init(uninitialized shape: [Int], dtype: DType = .float32) {
    self.init(
      shape: shape, dtype: dtype, storage: Storage(byteCount: shape.reduce(1, *) * dtype.size))
  }

  /// A tensor of zeros.
  public init(zeros shape: [Int], dtype: DType = .float32) {
    self.init(uninitialized: shape, dtype: dtype)
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count * dtype.size)
  }

  /// A float32 tensor with the given elements in row-major order.
  public init(_ values: [Float], shape: [Int]) {
    precondition(
      values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
    self.init(uninitialized: shape)
    values.withUnsafeBytes {
      pointer.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(pointer), byteCount: $0.count)
    }
  }

  /// A float32 tensor whose elements `fill` sets, in row-major order.
  public init(shape: [Int], fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) rethrows {
    self.init(uninitialized: shape)
    try fill(UnsafeMutableBufferPointer(start: float32, count: count))
  }

  /// A tensor whose elements `fill` sets, in row-major order and the type's own bytes.
  public init(
    shape: [Int], dtype: DType, fillBytes fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows {
    self.init(uninitialized: shape, dtype: dtype)
    try fill(UnsafeMutableRawBufferPointer(start: pointer, count: count * dtype.size))
  }

  /// A float32 tensor that reads memory owned by `owner` (a mapped checkpoint) without copying it.
  ///
  /// - Precondition: `bytes` is aligned for floats and as large as the shape says.
  public init(borrowing bytes: UnsafeRawBufferPointer, shape: [Int], owner: AnyObject) {
    precondition(bytes.count == shape.reduce(1, *) * DType.float32.size, "bytes do not fill the shape")
    let base = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 64)!
    self.init(
      shape: shape, dtype: .float32,
      storage: Storage(borrowing: base, byteCount: bytes.count, owner: owner))
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// The elements in row-major order, as float32.
  public var floats: [Float] {
    let source = contiguous().cast(to: .float32)
    return Array(UnsafeBufferPointer(start: source.float32, count: source.count))
  }

  /// The only element of a tensor with one element.
  public var scalar: Float {
    precondition(count == 1, "a tensor of shape \(shape) is no scalar")
    return floats[0]
  }

  /// Calls `body` with the elements of a contiguous float32 tensor, without copying.
  public func withFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows -> Result {
    let source = contiguous().cast(to: .float32)
    return try withExtendedLifetime(source) {
      try body(UnsafeBufferPointer(start: source.float32, count: source.count))
    }
  }

  /// Calls `body` with the elements' bytes, in row-major order.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let source = contiguous()
    return try withExtendedLifetime(source) {
      try body(UnsafeRawBufferPointer(start: source.pointer, count: source.count * dtype.size))
    }
  }

  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for i in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] * shape[i + 1]
    }
    return strides
  }
}

// MARK: - Memory

extension Tensor {
  /// The first element.
  package var pointer: UnsafeMutableRawPointer { storage.base + offset * dtype.size }

  package var float32: UnsafeMutablePointer<Float> {
    precondition(dtype == .float32, "expected float32, found \(dtype)")
    return pointer.assumingMemoryBound(to: Float.self)
  }

  package var bfloat16: UnsafeMutablePointer<UInt16> {
    precondition(dtype == .bfloat16, "expected bfloat16, found \(dtype)")
    return pointer.assumingMemoryBound(to: UInt16.self)
  }
}
