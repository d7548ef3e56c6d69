package import VignetteFiles

/// A tensor as it lies in a checkpoint file: where its bytes are, and what they mean.
///
/// Nothing is read before it is asked for. The tensor keeps its file mapped.
package struct StoredTensor: Sendable {
  package let name: String
  package let elementType: ElementType
  package let shape: [Int]
  /// Per axis, how many elements further the next one lies.
  package let strides: [Int]
  package let file: MappedFile
  /// Where the first element lies in the file.
  package let byteOffset: Int
  /// The bytes from the first element to the end of the last one. For a contiguous tensor these are its elements
  /// and nothing else.
  package let byteCount: Int
  /// The product of `shape`.
  package let elementCount: Int

  /// A tensor whose elements all lie inside `available`, a range of bytes of the file.
  ///
  /// - Parameters:
  ///   - offset: the first element's offset in `available`, in elements.
  ///   - strides: nil for a contiguous tensor.
  /// - Throws: `FileError` if the shape overflows or reaches beyond `available`.
  init(
    name: String, elementType: ElementType, shape: [Int], strides: [Int]? = nil, offset: Int = 0,
    in available: Range<Int>, of file: MappedFile
  ) throws {
    func malformed(_ problem: String) -> FileError {
      FileError(file.path, "tensor \"\(name)\" of shape \(shape): \(problem)")
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
  package var isContiguous: Bool { TensorLayout.isContiguous(shape, strides: strides) }

  /// Whether the first element's address is a multiple of the element's size, so that the mapped bytes can be used
  /// where they are.
  package var isAligned: Bool { byteOffset % elementType.byteSize == 0 }

  /// Where `byteCount` bytes lie in the file; for `MappedFile.willNeed` and `release`.
  package var byteRange: Range<Int> { byteOffset..<byteOffset + byteCount }

  /// Whether `other` is the very same values in the file, as tied weights are.
  package func sharesBytes(with other: StoredTensor) -> Bool {
    file === other.file && byteOffset == other.byteOffset && byteCount == other.byteCount
      && elementType == other.elementType && shape == other.shape && strides == other.strides
  }

  /// The bytes from the first element to the end of the last one, in place.
  package func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try file.withUnsafeBytes(byteRange, body)
  }
}

extension StoredTensor {
  /// The elements' bytes in the order of the indices, the last index fastest: in place where they lie so, else
  /// gathered.
  package func withContiguousBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withUnsafeBytes { bytes in
      if isContiguous { return try body(bytes) }
      switch elementType.byteSize {
      case 1: return try withGathered(bytes, as: UInt8.self, body)
      case 2: return try withGathered(bytes, as: UInt16.self, body)
      case 4: return try withGathered(bytes, as: UInt32.self, body)
      default: return try withGathered(bytes, as: UInt64.self, body)
      }
    }
  }

  private func withGathered<Element: BitwiseCopyable, Result>(
    _ bytes: UnsafeRawBufferPointer, as type: Element.Type,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let elements = [Element](unsafeUninitializedCapacity: elementCount) { buffer, count in
      gather(bytes, buffer) { (element: Element) in element }
      count = elementCount
    }
    return try elements.withUnsafeBytes(body)
  }

  /// Converts the elements, which lie in `bytes` at any alignment, in the order of the indices.
  @inline(__always)
  func gather<Element: BitwiseCopyable, Output: BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Output>,
    _ convert: (Element) -> Output
  ) {
    guard let source = bytes.baseAddress, let target = destination.baseAddress, elementCount > 0 else {
      return
    }
    let size = MemoryLayout<Element>.size
    StridedRuns(shape: shape, strides: strides).forEach { start, count, stride, first in
      let run = source + start * size
      let output = target + first
      // Two loops, for the compiler vectorizes only the one whose step it knows.
      if stride == 1 {
        for index in 0..<count {
          output[index] = convert(run.loadUnaligned(fromByteOffset: index &* size, as: Element.self))
        }
      } else {
        let step = stride &* size
        for index in 0..<count {
          output[index] = convert(run.loadUnaligned(fromByteOffset: index &* step, as: Element.self))
        }
      }
    }
  }
}

extension StoredTensor {
  /// The elements in the order of the indices, the last index fastest, as single-precision numbers.
  package func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      copy(into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
  }

  /// Writes the elements in the order of the indices, the last index fastest, as single-precision numbers.
  ///
  /// Half-precision numbers are exact; wider ones and integers are rounded to the nearest; true is 1.
  /// - Parameter destination: as many elements as the tensor has.
  package func copy(into destination: UnsafeMutableBufferPointer<Float>) {
    precondition(destination.count == elementCount, "the destination has the tensor's number of elements")
    withUnsafeBytes { bytes in
      switch elementType {
      case .bool: gather(bytes, destination) { (value: UInt8) in value == 0 ? 0 : 1 }
      case .uint8: gather(bytes, destination) { (value: UInt8) in Float(value) }
      case .int8: gather(bytes, destination) { (value: Int8) in Float(value) }
      case .int16: gather(bytes, destination) { (value: Int16) in Float(value) }
      case .uint16: gather(bytes, destination) { (value: UInt16) in Float(value) }
      case .float16: gather(bytes, destination, HalfPrecision.float)
      case .bfloat16: gather(bytes, destination) { (bits: UInt16) in Float(bitPattern: UInt32(bits) << 16) }
      case .int32: gather(bytes, destination) { (value: Int32) in Float(value) }
      case .uint32: gather(bytes, destination) { (value: UInt32) in Float(value) }
      case .float32: gather(bytes, destination) { (value: Float) in value }
      case .float64: gather(bytes, destination) { (value: Double) in Float(value) }
      case .int64: gather(bytes, destination) { (value: Int64) in Float(value) }
      case .uint64: gather(bytes, destination) { (value: UInt64) in Float(value) }
      }
    }
  }
}

/// IEEE 754 half precision by its bits, since Swift has no `Float16` on some processors, and a slow one on others.
enum HalfPrecision {
  /// The number whose half-precision bits are `bits`; exact.
  @inline(__always)
  static func float(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF) << 13
    let sign = UInt32(bits & 0x8000) << 16
    // Moved to single precision, the exponent is too small by 127 - 15.
    let normal = magnitude &+ 112 << 23
    // A subnormal number has no leading one: it is given one, which is then subtracted.
    let subnormal = (Float(bitPattern: magnitude &+ 113 << 23) - 0x1p-14).bitPattern
    let special = magnitude | 0x7F80_0000
    let finite = magnitude < 0x0080_0000 ? subnormal : normal
    return Float(bitPattern: sign | (magnitude < 0x0F80_0000 ? finite : special))
  }

  /// What is as large or larger rounds to infinity.
  static let bound: Float = 65520

  /// The bits of the half-precision number that is nearest, ties to even.
  static func bits(_ value: Float) -> UInt16 {
    let sign = UInt16(value.bitPattern >> 16 & 0x8000)
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    if value.isNaN { return sign | 0x7E00 }
    if magnitude >= bound.bitPattern { return sign | 0x7C00 }
    // Below the normal numbers, adding one half leaves just the bits that there is room for, rounded.
    if magnitude < Float(0x1p-14).bitPattern {
      return sign | UInt16((Float(bitPattern: magnitude) + 0.5).bitPattern - Float(0.5).bitPattern)
    }
    return sign | UInt16((magnitude - 112 << 23 &+ 0xFFF &+ (magnitude >> 13 & 1)) >> 13)
  }
}
