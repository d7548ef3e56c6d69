/// What of an HTML text matters for the images in it.
///
/// Tags are told as the HTML standard's tokenizer tells them, in any letters, with or without quotes. What is in comments,
/// scripts, styles, templates and other texts that aren't markup is skipped, and so are the tags of template languages
/// (`{{ … }}`, `<% … %>`, `<?php … ?>`).
struct HTMLScan {
  struct Attribute {
    /// In small letters.
    let name: String
    /// Without quotes; empty for an attribute without a value.
    let value: Range<Int>
    /// Behind the closing quote.
    let end: Int
  }

  struct Tag {
    /// In small letters.
    let name: String
    let range: Range<Int>
    let attributes: [Attribute]
    /// Whether it has to be closed: whether it doesn't end with `/>`.
    let closesItself: Bool

    func attribute(_ name: String) -> Attribute? { attributes.first { $0.name == name } }
  }

  /// The tags `img`.
  private(set) var images: [Tag] = []
  /// The tag `base`, which relative addresses start from.
  private(set) var base: Tag?
  /// What is not the text of the page: comments, scripts, `pre` and so on.
  private(set) var opaque: [Range<Int>] = []

  private let bytes: [UInt8]
  /// Whether marks without an end are text, as in Markdown, and don't reach to the file's end.
  private let isLenient: Bool
  private let isXML: Bool
  private var position = 0

  init(_ bytes: [UInt8], isLenient: Bool = false) {
    self.bytes = bytes
    self.isLenient = isLenient
    isXML = bytes.starts(with: "<?xml".utf8)
    scan()
  }

  func text(_ attribute: Attribute) -> ArraySlice<UInt8> { bytes[attribute.value] }

  private mutating func scan() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "<"): markup()
      case UInt8(ascii: "{"): templateTag()
      default: position += 1
      }
    }
  }

  private mutating func markup() {
    if starts("<!--") {
      // These two are comments without content.
      if starts("<!-->") || starts("<!--->") { return skip(past: [">"]) }
      skip(past: ["-->", "--!>"])
    } else if starts("<![CDATA[") {
      skip(past: ["]]>"])
    } else if starts("<%") {
      skip(past: ["%>"])
    } else if starts("<?") {
      skip(past: isXML || !has("?>") ? [">"] : ["?>"])
    } else if starts("<!") {
      skip(past: [">"])
    } else if starts("</") {
      position += 2
      if let tag = tag(from: position - 2) { position = tag.range.upperBound }
    } else if let tag = tag(from: position) {
      position = tag.range.upperBound
      add(tag)
    } else {
      position += 1
    }
  }

  private mutating func add(_ tag: Tag) {
    switch tag.name {
    case "img" where !isDynamic(tag.range): images.append(tag)
    case "base" where base == nil: base = tag
    case "plaintext": skipElement(tag, isLenient ? position : bytes.count)
    case _ where Self.textElements.contains(tag.name) && !(isXML && tag.closesItself):
      skipElement(tag, endOfElement(tag.name))
    case "pre" where isLenient:
      // Tags count there, but Markdown doesn't.
      if let end = endOfElement(tag.name) { opaque.append(tag.range.lowerBound..<end) }
    default: break
    }
  }

  /// Elements whose content isn't markup, or isn't shown.
  private static let textElements: Set = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "template",
  ]

  private mutating func skipElement(_ tag: Tag, _ end: Int?) {
    guard let end = end ?? (isLenient ? nil : bytes.count) else { return }
    opaque.append(tag.range.lowerBound..<end)
    position = end
  }

  /// Behind the end tag of the element whose start tag was read last; of templates in each other, the outer one's.
  private func endOfElement(_ name: String) -> Int? {
    var depth = 1
    var start = position
    while let index = bytes[start...].firstIndex(of: UInt8(ascii: "<")) {
      start = index + 1
      if name == "template", isTag(name, at: start) { depth += 1 }
      guard start < bytes.count, bytes[start] == UInt8(ascii: "/"), isTag(name, at: start + 1) else {
        continue
      }
      depth -= 1
      if depth == 0 { return bytes[start...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count }
    }
    return nil
  }

  private func isTag(_ name: String, at start: Int) -> Bool {
    let end = start + name.utf8.count
    guard end < bytes.count, Self.lowercased(bytes[start..<end]) == name else { return false }
    return Self.isSpace(bytes[end]) || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: ">")
  }

  /// Skips a tag of a template language that ends on its line.
  private mutating func templateTag() {
    for (start, end) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}")] where starts(start) {
      let line = bytes[position...].prefix { $0 != UInt8(ascii: "\n") }
      guard let range = line.dropFirst(2).firstRange(of: Array(end.utf8)) else { continue }
      position = range.upperBound
      return
    }
    position += 1
  }

  /// Whether a template language makes part of a tag, perhaps the text that seems to be missing.
  private func isDynamic(_ range: Range<Int>) -> Bool {
    ["{{", "{%", "<%", "<?", "${"].contains { bytes[range].firstRange(of: Array($0.utf8)) != nil }
  }

  // MARK: Tags

  /// The tag that begins at `start`; nil where none does.
  private func tag(from start: Int) -> Tag? {
    var index = start + 1
    if index < bytes.count, bytes[index] == UInt8(ascii: "/") { index += 1 }
    guard index < bytes.count, Self.isLetter(bytes[index]) else { return nil }
    let nameStart = index
    while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
    let name = Self.lowercased(bytes[nameStart..<index])
    var attributes: [Attribute] = []
    while index < bytes.count {
      while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == UInt8(ascii: "/") {
        index += 1
      }
      guard index < bytes.count else { return nil }
      if bytes[index] == UInt8(ascii: ">") {
        return Tag(
          name: name, range: start..<index + 1, attributes: attributes,
          closesItself: bytes[index - 1] == UInt8(ascii: "/"))
      }
      guard let attribute = attribute(from: index) else { return nil }
      index = attribute.end
      // Of several with one name, the first counts.
      if !attributes.contains(where: { $0.name == attribute.name }) { attributes.append(attribute) }
    }
    return nil
  }

  /// The attribute that begins at `start`; nil where the file ends in it.
  private func attribute(from start: Int) -> Attribute? {
    // An equals sign at the front belongs to the name.
    var index = start + 1
    while index < bytes.count, !Self.endsName(bytes[index]), bytes[index] != UInt8(ascii: "=") { index += 1 }
    let name = Self.lowercased(bytes[start..<index])
    let end = index
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    guard index < bytes.count else { return nil }
    guard bytes[index] == UInt8(ascii: "=") else { return Attribute(name: name, value: end..<end, end: end) }
    index += 1
    while index < bytes.count, Self.isSpace(bytes[index]) { index += 1 }
    guard index < bytes.count else { return nil }
    let quote = bytes[index]
    if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      guard let close = bytes[(index + 1)...].firstIndex(of: quote) else { return nil }
      return Attribute(name: name, value: index + 1..<close, end: close + 1)
    }
    let valueStart = index
    while index < bytes.count, !Self.isSpace(bytes[index]), bytes[index] != UInt8(ascii: ">") { index += 1 }
    return Attribute(name: name, value: valueStart..<index, end: index)
  }

  // MARK: Bytes

  private func starts(_ mark: String) -> Bool { bytes[position...].starts(with: mark.utf8) }

  private func has(_ mark: String) -> Bool { bytes[position...].firstRange(of: Array(mark.utf8)) != nil }

  /// Skips what ends with the first of some marks; without one, the rest of the file.
  private mutating func skip(past marks: [String]) {
    let start = position
    // The opening mark can't be the closing one, too.
    let rest = bytes[min(start + 2, bytes.count)...]
    let ends = marks.compactMap { rest.firstRange(of: Array($0.utf8))?.upperBound }
    guard let end = ends.min() ?? (isLenient ? nil : bytes.count) else {
      position += 1
      return
    }
    opaque.append(start..<end)
    position = end
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) }

  private static func endsName(_ byte: UInt8) -> Bool {
    isSpace(byte) || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ">")
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
    String(
      decoding: bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 },
      as: UTF8.self)
  }
}
