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
        // Swift's sort is stable in practice but doesn't promise to be, so the place breaks ties.
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
