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

  /// A checkpoint in PyTorch's old format with this pickle and a storage of four numbers.
  var checkpoint: Data {
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let version = Self.int(1001) + .code(".")
    let machine = Self.code("}") + .string("little_endian") + .code("\u{88}s.")
    let keys = Self.code("]") + .string("0") + .code("a.")
    let count = withUnsafeBytes(of: 4) { Array($0) }
    return Data(magic + version.bytes + machine.bytes + bytes + keys.bytes + count) + Data(count: 16)
  }
}
