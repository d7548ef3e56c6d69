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
