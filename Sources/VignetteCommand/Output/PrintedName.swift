/// A file's name as a line shows it: what would break the line or its columns is written as in Swift, `\n`.
struct PrintedName: CustomStringConvertible {
  let description: String

  init(_ name: String) {
    description = name.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
