extension StoredTensor {
  /// The elements in the order of the indices, the last index fastest, as single-precision numbers.
  public func floats() -> [Float] {
    [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
      copy(into: UnsafeMutableBufferPointer(rebasing: buffer[..<elementCount]))
      count = elementCount
    }
  }

  /// Writes the elements in the order of the indices, the last index fastest, as single-precision numbers.
  ///
  /// Half-precision numbers are exact; wider ones and integers are rounded to the nearest; true is 1.
  /// - Parameter destination: as many elements as the tensor has.
  public func copy(into destination: UnsafeMutableBufferPointer<Float>) {
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
