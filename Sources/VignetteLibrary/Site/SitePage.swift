import VignetteMetadata

/// A page of a website, or a text that one is made of.
enum PageKind: Sendable {
  case html
  case markdown

  /// By a file's name; nil for what is no page.
  init?(named name: String) {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    switch name[name.utf8.index(after: dot)...].lowercased() {
    case "html", "htm", "xhtml", "xht", "shtml": self = .html
    case "md", "markdown", "mdown", "mkd", "mdx": self = .markdown
    default: return nil
    }
  }
}

/// The images of a page that have no alternative text.
struct SitePage {
  /// One of them.
  struct Gap: Hashable {
    /// Where the text is to be inserted.
    let position: Int
    /// As an attribute of a tag, or between Markdown's brackets.
    let isAttribute: Bool
    let line: Int
    /// The image's address, its references resolved.
    let source: [UInt8]
  }

  let text: PageText
  let gaps: [Gap]
  /// The address that others start from.
  let base: [UInt8]?
  private let kind: PageKind

  /// Nil for a text that isn't read (``PageText``).
  init?(_ stored: [UInt8], _ kind: PageKind) {
    guard let text = PageText(stored) else { return nil }
    self.text = text
    self.kind = kind
    let code = kind == .markdown ? MarkdownCode(text.bytes).ranges : []
    let scan = HTMLScan(MarkdownCode.masked(text.bytes, code), isLenient: kind == .markdown)
    base = scan.base?.attribute("href").map { Self.address(scan.text($0)) }
    let lines = LineEnds(text.bytes)
    var gaps = scan.images.compactMap { Self.gap($0, scan, lines) }
    if kind == .markdown {
      let blanks = code + scan.opaque + scan.images.map(\.range)
      gaps += MarkdownImages(MarkdownCode.masked(text.bytes, blanks)).images.map { image in
        Gap(
          position: image.position, isAttribute: false, line: lines.line(of: image.position),
          source: image.source)
      }
      gaps.sort { $0.position < $1.position }
    }
    self.gaps = gaps
  }

  /// The page with texts for some of its gaps, as it is stored.
  func filled(_ texts: [Int: String]) -> [UInt8] {
    let isUnicode = text.isUnicode(unlessTold: kind == .markdown)
    let edits = texts.sorted { $0.key < $1.key }.map { index, caption in
      let gap = gaps[index]
      let escaped =
        gap.isAttribute
        ? " alt=\"\(AltText.attribute(caption, isUnicode: isUnicode))\""
        : AltText.markdown(caption, isUnicode: isUnicode)
      return ByteEdit(insert: Array(escaped.utf8), at: gap.position)
    }
    return text.stored(edits.applied(to: text.bytes))
  }

  // MARK: Tags

  /// What else gives an image a text, or says that it needs none.
  private static let labels: Set = [
    "alt", ":alt", "v-bind:alt", "x-bind:alt", "[alt]", "[attr.alt]", "bind:alt", "aria-label",
    "aria-labelledby",
  ]

  private static func gap(_ image: HTMLScan.Tag, _ scan: HTMLScan, _ lines: LineEnds) -> Gap? {
    guard !image.attributes.contains(where: { labels.contains($0.name) }) else { return nil }
    func value(_ name: String) -> String? {
      image.attribute(name).map { String(decoding: scan.text($0), as: UTF8.self).lowercased() }
    }
    // An image that is hidden from readers is decoration.
    if value("aria-hidden") == "true" || ["presentation", "none"].contains(value("role")) { return nil }
    // In MDX an address in braces is an expression.
    guard let (attribute, source) = Self.source(of: image, scan), source.first != UInt8(ascii: "{") else {
      return nil
    }
    return Gap(
      position: attribute.end, isAttribute: true, line: lines.line(of: image.range.lowerBound), source: source
    )
  }

  /// The image's address: of `src`, unless that holds a stand-in until a script has put the image there.
  private static func source(of image: HTMLScan.Tag, _ scan: HTMLScan) -> (HTMLScan.Attribute, [UInt8])? {
    var standIn: (HTMLScan.Attribute, [UInt8])?
    for name in ["src", "data-src", "data-original", "srcset", "data-srcset"] {
      guard let attribute = image.attribute(name) else { continue }
      let value = address(scan.text(attribute))
      let found = name.hasSuffix("srcset") ? firstCandidate(value) : value
      guard !found.isEmpty else { continue }
      if !found.starts(with: "data:".utf8) { return (attribute, found) }
      standIn = standIn ?? (attribute, found)
    }
    return standIn
  }

  /// The first address of a list of them with their widths.
  private static func firstCandidate(_ list: [UInt8]) -> [UInt8] {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0C, 0x0D, UInt8(ascii: ",")].contains(byte) }
    let first = list.drop(while: isSpace).prefix { !isSpace($0) || $0 == UInt8(ascii: ",") }
    return Array(first.last == UInt8(ascii: ",") ? first.dropLast() : first)
  }

  private static func address(_ value: ArraySlice<UInt8>) -> [UInt8] {
    value.contains(UInt8(ascii: "&")) ? Array(XMLReference.resolved(value).utf8) : Array(value)
  }
}

/// A caption as an alternative text where it stands: nothing in it is markup, whatever it says.
enum AltText {
  /// Between double quotes.
  static func attribute(_ caption: String, isUnicode: Bool) -> String {
    written(caption, isUnicode: isUnicode) { scalar, next in
      switch scalar {
      case "&": "&amp;"
      case "\"": "&quot;"
      case "<": "&lt;"
      case ">": "&gt;"
      // A template language's mark.
      case "{" where next == "{" || next == "%" || next == "#": "&#123;"
      default: nil
      }
    }
  }

  /// Between square brackets.
  static func markdown(_ caption: String, isUnicode: Bool) -> String {
    written(caption, isUnicode: isUnicode) { scalar, _ in
      "\\`*_[]<>{}|~$&!".unicodeScalars.contains(scalar) ? "\\\(scalar)" : nil
    }
  }

  private static func written(
    _ caption: String, isUnicode: Bool, _ escape: (Unicode.Scalar, Unicode.Scalar?) -> String?
  ) -> String {
    let line = caption.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let scalars = Array(line.unicodeScalars)
    return scalars.indices.reduce(into: "") { result, index in
      let scalar = scalars[index]
      if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) || scalar.value & 0xFFFE == 0xFFFE {
        return
      }
      if let escaped = escape(scalar, index + 1 < scalars.count ? scalars[index + 1] : nil) {
        result += escaped
      } else if !isUnicode, !scalar.isASCII {
        result += "&#\(scalar.value);"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
}
