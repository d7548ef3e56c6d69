/// What the authors of a reader do with its texts, which is no part of its tokenizer.
///
/// A new one is a case here, and what it does.
public enum TextCleanup: String, Sendable, CaseIterable {
  /// manga-ocr's: no white space, dots for an ellipsis and for a row of middle dots, full-width letters, digits, marks and
  /// katakana.
  case mangaOCR = "manga-ocr"

  /// The text as it should be shown.
  public func clean(_ text: String) -> String {
    switch self {
    case .mangaOCR: JapaneseText.fullWidth(JapaneseText.plainDots(JapaneseText.withoutSpace(text)))
    }
  }
}

/// Steps of cleaning up Japanese texts.
private enum JapaneseText {
  /// Without what Python's `split` takes for white space.
  static func withoutSpace(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    result.append(
      contentsOf: text.unicodeScalars.filter { scalar in
        !scalar.properties.isWhitespace && !(0x1C...0x1F).contains(scalar.value)
      })
    return String(result)
  }

  /// Three dots for each ellipsis, and dots for middle dots that stand beside another dot.
  static func plainDots(_ text: String) -> String {
    let scalars = Array(text.replacing("\u{2026}", with: "...").unicodeScalars)
    func isDot(_ index: Int) -> Bool {
      scalars.indices.contains(index) && (scalars[index] == "." || scalars[index] == "\u{30FB}")
    }
    var result = String.UnicodeScalarView()
    for (index, scalar) in scalars.enumerated() {
      let isInRow = isDot(index) && (isDot(index - 1) || isDot(index + 1))
      result.append(isInRow ? "." : scalar)
    }
    return String(result)
  }

  /// Half-width characters in full width: ASCII, and katakana with their marks joined to them.
  static func fullWidth(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if let voiced = rest.first.flatMap({ voiced(scalar, by: $0) }) {
        result.append(voiced)
        rest = rest.dropFirst()
      } else {
        result.append(fullWidth(scalar))
      }
    }
    return String(result)
  }

  private static func fullWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x21...0x7E: Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar
    case 0xFF61...0xFF9D: katakana[Int(scalar.value - 0xFF61)]
    default: scalar
    }
  }

  /// U+FF61 to U+FF9D. Marks that belong to nothing stay as they are.
  private static let katakana = Array(
    "。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン".unicodeScalars)

  /// A half-width katakana and the mark behind it as one character; nil where they aren't.
  private static func voiced(_ scalar: Unicode.Scalar, by mark: Unicode.Scalar) -> Unicode.Scalar? {
    let base = fullWidth(scalar).value
    switch (scalar.value, mark.value) {
    case (0xFF73, 0xFF9E): return "ヴ"
    case (0xFF76...0xFF84, 0xFF9E), (0xFF8A...0xFF8E, 0xFF9E): return Unicode.Scalar(base + 1)
    case (0xFF8A...0xFF8E, 0xFF9F): return Unicode.Scalar(base + 2)
    default: return nil
    }
  }
}
