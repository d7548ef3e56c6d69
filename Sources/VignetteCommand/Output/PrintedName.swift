/// A file's name as a line shows it: what would break the line or its columns, or tell a terminal to do something, is written as in
/// Swift: `\n`, `\u{1B}`.
struct PrintedName: CustomStringConvertible {
  let description: String

  init(_ name: String) { description = TerminalText.escaped(name, keepsLines: false) }
}

/// Text for a terminal. Names of files can hold anything, also what clears the screen or turns what follows around.
enum TerminalText {
  /// - Parameter keepsLines: whether the text may have several lines.
  static func escaped(_ text: String, keepsLines: Bool) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\n" where keepsLines: result += "\n"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // C0, DEL and C1.
    case 0..<0x20, 0x7F..<0xA0: true
    // Line separators, and what turns the direction of writing.
    case 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
