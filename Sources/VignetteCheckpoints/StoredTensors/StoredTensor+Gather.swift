extension StoredTensor {
  /// The elements' bytes in the order of the indices, the last index fastest: in place where they lie so, else
  /// gathered.
  public func withContiguousBytes<Result>(
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
    StridedRuns(shape: shape, strides: strides).forEach { start, count, stride, place in
      let run = source + start * size
      let output = target + place
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
