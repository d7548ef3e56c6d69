/// A set of Unicode scalars, or a property of them, as sorted ranges.
package struct RangeTable: Sendable {
  private var starts: [UInt32] = []
  private var ends: [UInt32] = []
  private var values: [UInt8] = []
  /// The values of ASCII, which most text is.
  private var ascii = [UInt8](repeating: 0, count: 128)

  /// - Parameters:
  ///   - table: numbers as in ``UnicodeTables``: the gap to each range, its length and, if `hasValues`, its value.
  init(_ table: String, hasValues: Bool = false) {
    let numbers = UnicodeTables.numbers(table)
    var end = 0
    for index in stride(from: 0, to: numbers.count, by: hasValues ? 3 : 2) {
      let start = end + numbers[index]
      end = start + numbers[index + 1]
      let value = hasValues ? UInt8(numbers[index + 2]) : 1
      starts.append(UInt32(start))
      ends.append(UInt32(end))
      values.append(value)
      for scalar in start..<end where scalar < 128 { ascii[scalar] = value }
    }
  }

  /// The value of a scalar, 0 where it is in no range.
  subscript(scalar: UInt32) -> UInt8 {
    if scalar < 128 { return ascii[Int(scalar)] }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= scalar { low = middle + 1 } else { high = middle }
    }
    return low > 0 && scalar < ends[low - 1] ? values[low - 1] : 0
  }

  package func contains(_ scalar: UInt32) -> Bool { self[scalar] != 0 }
}

extension UnicodeTables {
  /// The numbers of a table, which is generated and therefore well-formed.
  static func numbers(_ table: String) -> [Int] {
    var numbers: [Int] = []
    var number: Int?
    var sign = 1
    for byte in table.utf8 {
      switch byte {
      case UInt8(ascii: "-"): sign = -1
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = (number ?? 0) * 10 + Int(byte - UInt8(ascii: "0"))
      default:
        if let value = number { numbers.append(sign * value) }
        (number, sign) = (nil, 1)
      }
    }
    if let number { numbers.append(sign * number) }
    return numbers
  }
}
