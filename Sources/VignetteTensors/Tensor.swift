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
  /// Where the first element stands in the storage, in elements.
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
    self.init(shape: shape, dtype: dtype, storage: Storage(byteCount: Self.byteCount(shape, dtype)))
  }

  /// The number of elements.
  public var count: Int { Self.count(shape) }

  /// The number of dimensions.
  public var rank: Int { shape.count }

  /// A product of sizes. One that overflows has any value: such a tensor got no memory.
  static func count(_ shape: [Int]) -> Int { shape.reduce(1, &*) }

  /// How many bytes elements take; more than there can be where that overflows.
  private static func byteCount(_ shape: [Int], _ dtype: DType) -> Int {
    if shape.contains(0) { return 0 }
    return shape.reduce(dtype.size) { product, size in
      let (next, overflows) = product.multipliedReportingOverflow(by: size)
      return overflows ? .max : next
    }
  }

  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for i in stride(from: shape.count - 2, through: 0, by: -1) {
      strides[i] = strides[i + 1] &* shape[i + 1]
    }
    return strides
  }
}

/// The type of a tensor's elements.
///
/// What products with a weight are computed in is its ``Precision``.
public enum DType: String, Sendable, CaseIterable, Codable {
  case float32
  /// The upper half of a float32.
  case bfloat16

  /// Bytes per element.
  package var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    }
  }
}
