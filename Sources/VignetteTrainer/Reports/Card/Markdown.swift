/// Text for a model card's body.
enum Markdown {
  /// `text` on one line where nothing in it is markup, in a paragraph as well as in a table's cell.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "[", "]", "|", "#", "~", "$": escaped += "\\\(scalar)"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A table whose columns after the first `leftColumns` are aligned to the right.
  static func table(_ titles: [String], _ rows: [[String]], leftColumns: Int) -> String {
    let rule = titles.indices.map { $0 < leftColumns ? ":--" : "--:" }
    return ([titles, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }
}
