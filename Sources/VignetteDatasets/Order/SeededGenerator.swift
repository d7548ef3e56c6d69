/// Random numbers that are the same for the same seed, on every machine and in every release (SplitMix64, from
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SeededGenerator: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A generator of its own for each of several numbers.
  package init(seed: UInt64, _ numbers: UInt64...) {
    state = seed
    for number in numbers { state = next() ^ number &* 0x9E37_79B9_7F4A_7C15 }
    state = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number from zero to `bound - 1`.
  ///
  /// The multiplication favours some numbers by less than one part in 2³², which no data set can show.
  package mutating func next(below bound: Int) -> Int {
    precondition(bound > 0, "there is no number below zero")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number of `range`.
  package mutating func next(in range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) * 0x1p-53
  }

  /// Brings `elements` into random order (Fisher and Yates).
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for last in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(last, next(below: last + 1))
    }
  }
}
