/// Lowercasing scalar by scalar, without regard to context.
enum Lowercase {
  private static let mappings: [UInt32: UInt32] = {
    let numbers = UnicodeTables.numbers(UnicodeTables.lowercase)
    var mappings: [UInt32: UInt32] = [:]
    var last = 0
    for index in Swift.stride(from: 0, to: numbers.count, by: 4) {
      let (count, stride, offset) = (numbers[index + 1], numbers[index + 2], numbers[index + 3])
      let first = last + numbers[index]
      for step in 0..<count {
        mappings[UInt32(first + step * stride)] = UInt32(first + step * stride + offset)
      }
      last = first + (count - 1) * stride
    }
    return mappings
  }()

  /// Appends the lowercase of a scalar. U+0130 alone becomes two.
  static func append(_ scalar: UInt32, to scalars: inout [UInt32]) {
    switch scalar {
    case 0x41...0x5A: scalars.append(scalar + 0x20)
    case 0x00...0x7F: scalars.append(scalar)
    case 0x130: scalars.append(contentsOf: [0x69, 0x307])
    default: scalars.append(mappings[scalar] ?? scalar)
    }
  }
}
