/// Text for a terminal. Names of files can hold anything, also what clears the screen or turns what follows around.
package enum TerminalText {
  /// - Parameter keepsLines: whether the text may have several lines.
  package static func escaped(_ text: String, keepsLines: Bool) -> String {
    guard text.unicodeScalars.contains(where: isEscaped) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\n" where keepsLines: result += "\n"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where FileName.byte(of: scalar) != nil:
        result += "\\udc" + String(FileName.byte(of: scalar) ?? 0, radix: 16)
      case _ where isControl(scalar): result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }

  /// A line of JSON whose strings have the same values, with no control character in it.
  package static func escapedJSON(_ line: String) -> String {
    guard line.unicodeScalars.contains(where: isControl) else { return line }
    return line.unicodeScalars.reduce(into: "") { result, scalar in
      guard isControl(scalar) else { return result.unicodeScalars.append(scalar) }
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }

  private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
    isControl(scalar) || FileName.byte(of: scalar) != nil
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
