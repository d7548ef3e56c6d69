/// Unicode's four normalisation forms, over arrays of scalars. (https://www.unicode.org/reports/tr15)
enum UnicodeForm: String, Sendable {
  case nfc = "NFC"
  case nfd = "NFD"
  case nfkc = "NFKC"
  case nfkd = "NFKD"

  func apply(_ scalars: [UInt32]) -> [UInt32] {
    switch self {
    case .nfd: CanonicalDecomposition.apply(scalars)
    case .nfc: CanonicalComposition.apply(CanonicalDecomposition.apply(scalars))
    case .nfkd: CanonicalDecomposition.apply(Compatibility.decompose(scalars))
    case .nfkc: CanonicalComposition.apply(CanonicalDecomposition.apply(Compatibility.decompose(scalars)))
    }
  }
}

/// What scalars are made of that only look different, such as ligatures and circled numbers.
private enum Compatibility {
  private static let decompositions: [UInt32: [UInt32]] = {
    let numbers = UnicodeTables.numbers(NormalizationTables.compatibility)
    var decompositions: [UInt32: [UInt32]] = [:]
    var (scalar, index) = (0, 0)
    while index < numbers.count {
      scalar += numbers[index]
      let end = index + 2 + numbers[index + 1]
      decompositions[UInt32(scalar)] = numbers[(index + 2)..<end].map { UInt32($0) }
      index = end
    }
    return decompositions
  }()

  static func decompose(_ scalars: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(scalars.count)
    for scalar in scalars {
      if scalar >= 0xA0, let decomposition = decompositions[scalar] {
        result.append(contentsOf: decomposition)
      } else {
        result.append(scalar)
      }
    }
    return result
  }
}

/// Joins what belongs together, after decomposition.
private enum CanonicalComposition {
  /// The scalar for two, by `first << 32 | second`.
  private static let compositions: [UInt64: UInt32] = {
    let numbers = UnicodeTables.numbers(NormalizationTables.compositions)
    var compositions: [UInt64: UInt32] = [:]
    var scalar = 0
    for index in stride(from: 0, to: numbers.count, by: 3) {
      scalar += numbers[index]
      compositions[UInt64(numbers[index + 1]) << 32 | UInt64(numbers[index + 2])] = UInt32(scalar)
    }
    return compositions
  }()

  static func apply(_ scalars: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(scalars.count)
    var starter: Int?
    var lastClass: UInt8 = 0
    for scalar in scalars {
      let scalarClass = CanonicalDecomposition.combiningClass(scalar)
      // A mark joins the last starter if no mark of its class or a higher one stands between.
      if let starter, lastClass < scalarClass || lastClass == 0 && result.count == starter + 1,
        let composed = composition(result[starter], scalar)
      {
        result[starter] = composed
        continue
      }
      if scalarClass == 0 { starter = result.count }
      lastClass = scalarClass
      result.append(scalar)
    }
    return result
  }

  private static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
    switch (first, second) {
    case (0x1100...0x1112, 0x1161...0x1175): 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
    case (0xAC00...0xD7A3, 0x11A8...0x11C2) where (first - 0xAC00) % 28 == 0: first + second - 0x11A7
    default: second < 0x300 ? nil : compositions[UInt64(first) << 32 | UInt64(second)]
    }
  }
}
