import VignetteFiles
import Foundation

/// A tensor to be written to a checkpoint: its name, type and shape, and the bytes when they are asked for.
///
/// The bytes are the elements in the order of the indices, the last index fastest. They are handed on piece by
/// piece, so that a tensor in memory is written from where it is.
package struct WritableTensor {
  package let name: String
  package let elementType: ElementType
  package let shape: [Int]
  /// The size of the elements in bytes.
  package let byteCount: Int
  let produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

  /// A tensor whose bytes `produce` gives, in any number of pieces, to the function it is called with.
  package init(
    name: String, elementType: ElementType, shape: [Int],
    _ produce: @escaping (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) {
    guard let count = TensorLayout.elementCount(shape) else {
      preconditionFailure("impossible shape \(shape)")
    }
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.produce = produce
    byteCount = count * elementType.byteSize
  }

  /// A tensor of numbers in an array.
  package init<Element: BitwiseCopyable>(
    name: String, elementType: ElementType, shape: [Int], elements: [Element]
  ) {
    precondition(MemoryLayout<Element>.size == elementType.byteSize, "the elements have the type's size")
    self.init(name: name, elementType: elementType, shape: shape) { write in
      try elements.withUnsafeBytes { try write($0) }
    }
  }

  /// A tensor of another checkpoint, as it is there.
  package init(_ tensor: StoredTensor, name: String? = nil) {
    self.init(name: name ?? tensor.name, elementType: tensor.elementType, shape: tensor.shape) { write in
      try tensor.withContiguousBytes(write)
    }
  }

  /// Appends the bytes to `file`, and checks that they are as many as the shape needs.
  func append(to file: AtomicFile) throws {
    let start = file.count
    try produce { try file.write($0) }
    precondition(file.count - start == byteCount, "tensor \(name) gave other than its \(byteCount) bytes")
  }
}
