extension JSONCursor {
  /// Reads a number; an integer too large for `Int` keeps its digits.
  package mutating func number() throws(JSONFault) -> JSONValue {
    _ = peek()
    let start = position
    let isInteger = try skipNumber()
    let spelling = bytes[start..<position]
    if isInteger, let value = Self.integer(spelling) { return .int(value) }
    let text = String(decoding: spelling, as: UTF8.self)
    if isInteger { return .largeInteger(text) }
    guard let value = Double(text) else { throw JSONFault(position: start, problem: "is no number") }
    return .double(value)
  }

  /// Reads an integer.
  ///
  /// - Parameter range: what it may be; nil where `Int` is the only limit.
  package mutating func integer(in range: ClosedRange<Int>? = nil) throws(JSONFault) -> Int {
    let first = peek()
    let start = position
    var value = skipShortInteger()
    if value == nil { value = try skipInteger(first) }
    if let value, range?.contains(value) ?? true { return value }
    position = start
    throw mismatch(range.map { "an integer from \($0.lowerBound) to \($0.upperBound)" } ?? "an integer")
  }

  /// Goes past an integer of so few digits that they can't overflow, if it is plainly one.
  private mutating func skipShortInteger() -> Int? {
    var index = position
    let first = index
    var value = 0
    while index < end {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      value = value &* 10 &+ Int(digit)
      index += 1
    }
    let count = index - first
    guard count > 0, count <= 18, index < end, count == 1 || bytes[first] != UInt8(ascii: "0") else {
      return nil
    }
    let next = bytes[index]
    guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else { return nil }
    position = index
    return value
  }

  private mutating func skipInteger(_ first: UInt8?) throws(JSONFault) -> Int? {
    guard let first, first == UInt8(ascii: "-") || Self.isDigit(first) else { return nil }
    let start = position
    return try skipNumber() ? Self.integer(bytes[start..<position]) : nil
  }

  /// Goes past a number; says whether it is spelled as an integer.
  mutating func skipNumber() throws(JSONFault) -> Bool {
    if at(UInt8(ascii: "N")), skip(word: "NaN") { return false }
    if at(UInt8(ascii: "I")), skip(word: "Infinity") { return false }
    if at(UInt8(ascii: "-")) {
      position += 1
      if at(UInt8(ascii: "I")), skip(word: "Infinity") { return false }
    }
    let start = position
    try skipDigits()
    if position - start > 1, bytes[start] == UInt8(ascii: "0") {
      throw JSONFault(position: start, problem: "a number starts with 0")
    }
    var isInteger = true
    if at(UInt8(ascii: ".")) {
      isInteger = false
      position += 1
      try skipDigits()
    }
    if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
      isInteger = false
      position += 1
      if at(UInt8(ascii: "+")) || at(UInt8(ascii: "-")) { position += 1 }
      try skipDigits()
    }
    return isInteger
  }

  private mutating func skipDigits() throws(JSONFault) {
    let start = position
    while position < end, Self.isDigit(bytes[position]) { position += 1 }
    if position == start { throw fault("expected a value") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  /// The value of digits with or without a minus; nil beyond `Int`.
  private static func integer(_ spelling: Slice<UnsafeRawBufferPointer>) -> Int? {
    let isNegative = spelling.first == UInt8(ascii: "-")
    // Below zero, `Int` reaches further by one.
    var value = 0
    for digit in isNegative ? spelling.dropFirst() : spelling {
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isStillTooLarge) = product.subtractingReportingOverflow(Int(digit &- UInt8(ascii: "0")))
      guard !isTooLarge, !isStillTooLarge else { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }
}

/// Python's spelling of floating-point numbers.
enum PythonFloat {
  /// `repr(value)`, with the names that Python's `json` gives to what is no number.
  ///
  /// Swift finds the same shortest digits, but changes to an exponent already at 2⁵³ and not at 10¹⁶.
  static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
    if (0x1p53..<1e16).contains(value.magnitude) { return "\(Int(value)).0" }
    return value.description
  }
}
