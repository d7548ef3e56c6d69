/// The classes of Unicode scalars that tokenizers tell apart.
enum CharacterClass {
  static let letters = RangeTable(UnicodeTables.letters)
  static let numbers = RangeTable(UnicodeTables.numbers)
  static let wordCharacters = RangeTable(UnicodeTables.wordCharacters)
  static let removedByCleaning = RangeTable(UnicodeTables.removedByCleaning)
  static let punctuation = RangeTable(UnicodeTables.punctuation)
  static let accents = RangeTable(UnicodeTables.accents)
  /// All combining marks, of which accents are the ones that take no room.
  static let marks = RangeTable(NormalizationTables.marks)

  /// Unicode's White_Space, which `\s` matches too.
  static func isWhitespace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// What BERT calls Chinese characters. (The gap from U+2B820 is one digit misread in `tokenizers`, and kept.)
  static func isChinese(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F,
      0x2B920...0x2CEAF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}

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

/// Unicode's normalisation form D over arrays of scalars.
enum CanonicalDecomposition {
  private static let decompositions: [UInt32: [UInt32]] = {
    let numbers = UnicodeTables.numbers(UnicodeTables.decompositions)
    var decompositions: [UInt32: [UInt32]] = [:]
    var scalar = 0
    var index = 0
    while index < numbers.count {
      scalar += numbers[index]
      let count = numbers[index + 1]
      decompositions[UInt32(scalar)] = numbers[(index + 2)..<(index + 2 + count)].map { UInt32($0) }
      index += 2 + count
    }
    return decompositions
  }()

  private static let combiningClasses = RangeTable(UnicodeTables.combiningClasses, hasValues: true)

  /// The canonical combining class; 0 for what is no mark.
  static func combiningClass(_ scalar: UInt32) -> UInt8 { scalar < 0x300 ? 0 : combiningClasses[scalar] }

  /// Decomposes every scalar and sorts each run of combining marks by class.
  static func apply(_ scalars: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      if let syllable = hangul(scalar) {
        result.append(contentsOf: syllable)
      } else if scalar >= 0xC0, let decomposition = decompositions[scalar] {
        result.append(contentsOf: decomposition)
      } else {
        result.append(scalar)
      }
    }
    sortMarks(&result)
    return result
  }

  private static func sortMarks(_ scalars: inout [UInt32]) {
    var index = 0
    while index < scalars.count {
      guard scalars[index] >= 0x300, combiningClasses[scalars[index]] != 0 else {
        index += 1
        continue
      }
      let start = index
      while index < scalars.count, combiningClasses[scalars[index]] != 0 { index += 1 }
      if index - start > 1 {
        // Swift's sort is stable in practice but doesn't promise to be, so the index breaks ties.
        let run = scalars[start..<index].enumerated().sorted { a, b in
          (combiningClasses[a.element], a.offset) < (combiningClasses[b.element], b.offset)
        }
        scalars.replaceSubrange(start..<index, with: run.map(\.element))
      }
    }
  }

  /// The two or three letters of a Hangul syllable (The Unicode Standard, 3.12).
  private static func hangul(_ scalar: UInt32) -> [UInt32]? {
    guard (0xAC00...0xD7A3).contains(scalar) else { return nil }
    let index = scalar - 0xAC00
    let letters = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
    return index % 28 == 0 ? letters : letters + [0x11A7 + index % 28]
  }
}

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
