import VignetteFiles

/// Scalars for a model card's front matter, which YAML 1.1 as well as 1.2 reads as they were meant.
enum YAML {
  /// `text` as a string: plain where nothing can mistake it, else in double quotes.
  static func string(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// A number; nil for what is none, which no card should claim.
  static func number(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    let text = JSONValue.double(value).text(.oneLine)
    // YAML 1.1 takes 1e-05 for a string.
    guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }

  private static let reserved: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), !reserved.contains(text.lowercased()) else {
      return false
    }
    return text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "-")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
