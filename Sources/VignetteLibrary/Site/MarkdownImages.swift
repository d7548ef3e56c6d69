import VignetteMetadata

/// The images in a Markdown text that have no alternative text: `![](photo.jpg)`, `![][photo]`.
struct MarkdownImages {
  struct Image {
    /// Where the text belongs: behind `![`.
    let position: Int
    /// The address as a browser would get it, before it resolves it.
    let source: [UInt8]
  }

  private(set) var images: [Image] = []
  private let text: [UInt8]
  /// What ends no title any more.
  private var missingEnds: Set<UInt8> = []

  /// The longest name of an image that is defined elsewhere, and how deep parentheses may stand in an address.
  private static let (maximumLabel, maximumDepth) = (1000, 32)

  /// - Parameter text: with code and comments blanked out.
  init(_ text: [UInt8]) {
    self.text = text
    let definitions = Self.definitions(text)
    var position = 0
    while let start = text[position...].firstRange(of: Array("![](".utf8)) {
      position = start.upperBound
      guard !isEscaped(start.lowerBound), let source = destination(from: start.upperBound) else { continue }
      images.append(Image(position: start.lowerBound + 2, source: source))
    }
    position = 0
    while let start = text[position...].firstRange(of: Array("![][".utf8)) {
      position = start.upperBound
      guard !isEscaped(start.lowerBound),
        let end = text[position...].prefix(Self.maximumLabel).firstIndex(of: UInt8(ascii: "]")),
        let source = definitions[Self.label(text[position..<end])]
      else { continue }
      images.append(Image(position: start.lowerBound + 2, source: source))
    }
    images.sort { $0.position < $1.position }
  }

  private func isEscaped(_ position: Int) -> Bool {
    !text[..<position].reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
  }

  /// The address between parentheses, perhaps followed by a title; nil where this is no image.
  private mutating func destination(from start: Int) -> [UInt8]? {
    var index = skipSpace(start)
    guard let (source, end) = Self.address(text, from: index, endsAtParenthesis: true) else { return nil }
    index = skipSpace(end)
    guard index < text.count else { return nil }
    if text[index] == UInt8(ascii: ")") { return source }
    guard index > end, let close = Self.titleEnds[text[index]], !missingEnds.contains(close) else {
      return nil
    }
    index += 1
    while index < text.count, text[index] != close { index += text[index] == UInt8(ascii: "\\") ? 2 : 1 }
    if index >= text.count { missingEnds.insert(close) }
    index = skipSpace(index + 1)
    return index < text.count && text[index] == UInt8(ascii: ")") ? source : nil
  }

  private static let titleEnds: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
    UInt8(ascii: "("): UInt8(ascii: ")"),
  ]

  /// Skips space, and one line end at most.
  private func skipSpace(_ start: Int) -> Int {
    var index = start
    var lines = 0
    while index < text.count, Self.isSpace(text[index]) {
      if text[index] == UInt8(ascii: "\n") {
        lines += 1
        if lines > 1 { break }
      }
      index += 1
    }
    return index
  }

  /// The address at `start`, in angle brackets or not, with its escapes and references resolved, and where it ends.
  private static func address(
    _ text: [UInt8], from start: Int, endsAtParenthesis: Bool
  ) -> ([UInt8], end: Int)? {
    guard start < text.count else { return nil }
    let isBracketed = text[start] == UInt8(ascii: "<")
    var index = isBracketed ? start + 1 : start
    var bytes: [UInt8] = []
    var depth = 0
    while index < text.count {
      let byte = text[index]
      if isBracketed {
        if byte == UInt8(ascii: ">") { return (resolved(bytes), index + 1) }
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "<") { return nil }
      } else {
        if isSpace(byte) { break }
        if byte == UInt8(ascii: "(") {
          depth += 1
          guard depth <= maximumDepth else { return nil }
        }
        if byte == UInt8(ascii: ")") {
          if depth == 0, endsAtParenthesis { break }
          depth -= 1
        }
      }
      if byte == UInt8(ascii: "\\"), index + 1 < text.count, isPunctuation(text[index + 1]) { index += 1 }
      bytes.append(text[index])
      index += 1
    }
    guard !isBracketed, depth <= 0 || !endsAtParenthesis else { return nil }
    return (resolved(bytes), index)
  }

  private static func resolved(_ bytes: [UInt8]) -> [UInt8] {
    bytes.contains(UInt8(ascii: "&")) ? Array(XMLReference.resolved(bytes[...]).utf8) : bytes
  }

  /// Lines such as `[photo]: images/photo.jpg "Title"`. The first of several with a name counts.
  private static func definitions(_ text: [UInt8]) -> [[UInt8]: [UInt8]] {
    var definitions: [[UInt8]: [UInt8]] = [:]
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let rest = line.drop { $0 == 0x20 || $0 == UInt8(ascii: ">") }
      guard rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")),
        rest[(end + 1)...].first == UInt8(ascii: ":")
      else { continue }
      let start = rest[(end + 2)...].firstIndex { !isSpace($0) } ?? rest.endIndex
      let name = label(rest[(rest.startIndex + 1)..<end])
      guard start < rest.endIndex, definitions[name] == nil,
        let (source, _) = address(text, from: start, endsAtParenthesis: false)
      else { continue }
      definitions[name] = source
    }
    return definitions
  }

  /// A name as it is compared: in small letters, runs of space as one.
  private static func label(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let words = bytes.split(whereSeparator: isSpace).map { String(decoding: $0, as: UTF8.self).lowercased() }
    return Array(words.joined(separator: " ").utf8)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }
}
