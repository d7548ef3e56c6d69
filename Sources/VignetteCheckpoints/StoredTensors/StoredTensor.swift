public import VignetteFiles

/// A tensor as it lies in a checkpoint file: where its bytes are, and what they mean.
///
/// Nothing is read before it is asked for. The tensor keeps its file mapped.
public struct StoredTensor: Sendable {
  public let name: String
  public let elementType: ElementType
  public let shape: [Int]
  /// Per axis, how many elements further the next one lies.
  public let strides: [Int]
  public let file: MappedFile
  /// Where the first element lies in the file.
  public let byteOffset: Int
  /// The bytes from the first element to the end of the last one. For a contiguous tensor these are its elements
  /// and nothing else.
  public let byteCount: Int
  /// The product of `shape`.
  public let elementCount: Int

  /// A tensor whose elements all lie inside `available`, a range of bytes of the file.
  ///
  /// - Parameters:
  ///   - offset: the first element's place in `available`, in elements.
  ///   - strides: nil for a contiguous tensor.
  /// - Throws: `MalformedFileError` if the shape overflows or reaches beyond `available`.
  init(
    name: String, elementType: ElementType, shape: [Int], strides: [Int]? = nil, offset: Int = 0,
    in available: Range<Int>, of file: MappedFile
  ) throws {
    func malformed(_ problem: String) -> MalformedFileError {
      MalformedFileError(file.path, "tensor \"\(name)\" of shape \(shape): \(problem)")
    }
    guard let elementCount = TensorLayout.elementCount(shape) else { throw malformed("impossible shape") }
    let strides = strides ?? TensorLayout.contiguousStrides(shape)
    guard let extent = TensorLayout.extent(shape, strides: strides) else {
      throw malformed("impossible strides \(strides)")
    }
    // Compared in elements, so that nothing overflows.
    let availableElements = available.count / elementType.byteSize
    guard offset >= 0, offset <= availableElements, extent <= availableElements - offset else {
      throw malformed(
        "needs \(extent) elements of \(elementType) from element \(offset) on, where \(available.count) bytes are"
      )
    }
    guard elementCount <= max(availableElements, Self.maximumExpandedCount) else {
      throw malformed("repeats the \(availableElements) elements that are stored too often")
    }
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.strides = strides
    self.file = file
    self.elementCount = elementCount
    byteOffset = available.lowerBound + offset * elementType.byteSize
    byteCount = extent * elementType.byteSize
  }

  /// A tensor that repeats its elements (a stride of zero) may claim this many, however few are stored: a few
  /// bytes must not make a reader allocate without bounds.
  private static let maximumExpandedCount = 1 << 20

  /// Whether the elements lie one after the other in the order of the indices, the last index fastest.
  public var isContiguous: Bool { TensorLayout.isContiguous(shape, strides: strides) }

  /// Whether the first element's address is a multiple of the element's size, so that the mapped bytes can be used
  /// where they are.
  public var isAligned: Bool { byteOffset % elementType.byteSize == 0 }

  /// Where `byteCount` bytes lie in the file; for `MappedFile.willNeed` and `release`.
  public var byteRange: Range<Int> { byteOffset..<byteOffset + byteCount }

  /// Whether `other` is the very same values in the file, as tied weights are.
  public func sharesBytes(with other: StoredTensor) -> Bool {
    file === other.file && byteOffset == other.byteOffset && byteCount == other.byteCount
      && elementType == other.elementType && shape == other.shape && strides == other.strides
  }

  /// The bytes from the first element to the end of the last one, in place.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try file.withUnsafeBytes(byteRange, body)
  }
}
