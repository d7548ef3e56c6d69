import Checkpoints
import Foundation

/// Puts pickles together operation by operation, honest and hostile ones.
struct PickleAssembly {
  var bytes: [UInt8] = [0x80, 2]

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.bytes += right.bytes.dropFirst(2)
    return sum
  }

  static func * (operations: Self, count: Int) -> Self {
    var product = PickleAssembly()
    let repeated = Array(operations.bytes.dropFirst(2))
    product.bytes.reserveCapacity(repeated.count * count)
    for _ in 0..<count { product.bytes += repeated }
    return product
  }

  /// Operations by their bytes, which are mostly ASCII.
  static func code(_ operations: String) -> Self {
    Self(bytes: [0x80, 2] + operations.unicodeScalars.map { UInt8($0.value) })
  }

  static func string(_ text: String) -> Self {
    Self(bytes: [0x80, 2, 0x58] + withUnsafeBytes(of: UInt32(text.utf8.count)) { Array($0) } + text.utf8)
  }

  static func int(_ value: Int) -> Self {
    Self(bytes: [0x80, 2, 0x8A, 8] + withUnsafeBytes(of: value) { Array($0) })
  }

  static func tuple(_ elements: [Self]) -> Self { elements.reduce(code("("), +) + code("t") }

  static func storage(_ type: String = "FloatStorage", key: String = "0", count: Int = 4) -> Self {
    tuple([string("storage"), code("ctorch\n\(type)\n"), string(key), string("cpu"), int(count)]) + code("Q")
  }

  static func tensor(
    _ storage: Self = storage(), offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1]
  ) -> Self {
    code("ctorch._utils\n_rebuild_tensor\n")
      + tuple([storage, int(offset), tuple(shape.map(int)), tuple(strides.map(int))]) + code("R")
  }

  /// The pickle of a dict with one member, `weight`.
  static func weight(_ value: Self) -> Self { code("}") + string("weight") + value + code("s.") }

  /// Writes a checkpoint with this pickle and a storage of 16 bytes.
  func write(to url: URL) throws {
    let file = try AtomicFile(at: url)
    var archive = ZipWriter(file)
    try archive.add("archive/data.pkl", bytes)
    try archive.add("archive/data/0", [UInt8](repeating: 0, count: 16))
    try archive.finish()
    try file.commit()
  }
}
