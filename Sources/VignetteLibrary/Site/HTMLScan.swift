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
  private var finder: MarkFinder
  /// For each element, from where on its end was looked for last, and the first end tag from there.
  private var endTags: [String: (from: Int, tag: Range<Int>?)] = [:]
  /// The ends of all templates, by the positions of their start tags.
  private var templateEnds: [Int: Int]?

  init(_ bytes: [UInt8], isLenient: Bool = false) {
    self.bytes = bytes
    finder = MarkFinder(bytes)
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
      skip(past: isXML || finder.position(of: "?>", from: position) == nil ? [">"] : ["?>"])
    } else if starts("<!") {
      skip(past: [">"])
    } else {
      let isEnd = starts("</")
      switch tag(from: position) {
      case .tag(let tag):
        position = tag.range.upperBound
        if !isEnd { add(tag) }
      case .text: position += isEnd ? 2 : 1
      // The rest belongs to a tag that never ends.
      case .cutOff: position = isLenient ? position + 1 : bytes.count
      }
    }
  }

  private mutating func add(_ tag: Tag) {
    switch tag.name {
    case "img" where !isDynamic(tag.range): images.append(tag)
    case "base" where base == nil: base = tag
    case "plaintext": skipElement(tag, isLenient ? position : bytes.count)
    case "template": if !(isXML && tag.closesItself) { skipElement(tag, endOfTemplate(tag)) }
    case _ where Self.textElements.contains(tag.name) && !(isXML && tag.closesItself):
      skipElement(tag, endTag(of: tag.name)?.upperBound)
    case "pre" where isLenient:
      // Tags count there, but Markdown doesn't.
      if let end = endTag(of: tag.name)?.upperBound { opaque.append(tag.range.lowerBound..<end) }
    default: break
    }
  }

  /// Elements whose content isn't markup, or isn't shown.
  private static let textElements: Set = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
  ]

  private mutating func skipElement(_ tag: Tag, _ end: Int?) {
    guard let end = end ?? (isLenient ? nil : bytes.count) else { return }
    opaque.append(tag.range.lowerBound..<end)
    position = end
  }

  /// The end tag of the element whose start tag was read last; nil where there is none.
  private mutating func endTag(of name: String) -> Range<Int>? {
    if let known = endTags[name], known.from <= position,
      known.tag.map({ $0.lowerBound >= position }) ?? true
    {
      return known.tag
    }
    var start = position
    var found: Range<Int>?
    while found == nil, let index = finder.position(of: "</", from: start) {
      start = index + 2
      if isTag(name, at: start) { found = index..<endOfTag(from: start) }
    }
    endTags[name] = (position, found)
    return found
  }

  private mutating func endOfTag(from start: Int) -> Int {
    finder.position(of: ">", from: start).map { $0 + 1 } ?? bytes.count
  }

  /// Behind the end tag of a template, which may hold others; nil where there is none.
  private mutating func endOfTemplate(_ tag: Tag) -> Int? {
    if let templateEnds { return templateEnds[tag.range.lowerBound] }
    var ends: [Int: Int] = [:]
    var open: [Int] = []
    var start = tag.range.lowerBound
    while let index = finder.position(of: "<", from: start) {
      start = index + 1
      if isTag("template", at: start) { open.append(index) }
      guard start < bytes.count, bytes[start] == UInt8(ascii: "/"), isTag("template", at: start + 1),
        let outer = open.popLast()
      else { continue }
      ends[outer] = endOfTag(from: start)
    }
    templateEnds = ends
    return ends[tag.range.lowerBound]
  }

  private func isTag(_ name: String, at start: Int) -> Bool {
    let end = start + name.utf8.count
    guard end < bytes.count, Self.lowercased(bytes[start..<end]) == name else { return false }
    return Self.isSpace(bytes[end]) || bytes[end] == UInt8(ascii: "/") || bytes[end] == UInt8(ascii: ">")
  }

  /// Skips a tag of a template language that ends on its line.
  private mutating func templateTag() {
    for (start, end) in [("{{", "}}"), ("{%", "%}"), ("{#", "#}")] where starts(start) {
      guard let index = finder.position(of: end, from: position + 2),
        index < finder.position(of: "\n", from: position) ?? bytes.count
      else { continue }
      position = index + 2
      return
    }
    position += 1
  }

  /// Whether a template language makes part of a tag, perhaps the text that seems to be missing.
  private func isDynamic(_ range: Range<Int>) -> Bool {
    ["{{", "{%", "<%", "<?", "${"].contains { bytes[range].firstRange(of: Array($0.utf8)) != nil }
  }

  // MARK: Tags

  private enum Beginning {
    case tag(Tag)
    /// A mark that begins none.
    case text
    /// A tag that the file's end cuts off.
    case cutOff
  }

  /// What begins at `start`.
  private func tag(from start: Int) -> Beginning {
    var index = start + 1
    if index < bytes.count, bytes[index] == UInt8(ascii: "/") { index += 1 }
    guard index < bytes.count, Self.isLetter(bytes[index]) else { return .text }
    let nameStart = index
    while index < bytes.count, !Self.endsName(bytes[index]) { index += 1 }
    let name = Self.lowercased(bytes[nameStart..<index])
    var attributes: [Attribute] = []
    var names: Set<String> = []
    while index < bytes.count {
      while index < bytes.count, Self.isSpace(bytes[index]) || bytes[index] == UInt8(ascii: "/") {
        index += 1
      }
      guard index < bytes.count else { return .cutOff }
      if bytes[index] == UInt8(ascii: ">") {
        return .tag(
          Tag(
            name: name, range: start..<index + 1, attributes: attributes,
            closesItself: bytes[index - 1] == UInt8(ascii: "/")))
      }
      // In Markdown, this would be no tag.
      if isLenient, bytes[index] == UInt8(ascii: "<") { return .text }
      guard let attribute = attribute(from: index) else { return .cutOff }
      index = attribute.end
      // Of several with one name, the first counts.
      if names.insert(attribute.name).inserted { attributes.append(attribute) }
    }
    return .cutOff
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

  /// Skips what ends with the first of some marks; without one, the rest of the file.
  private mutating func skip(past marks: [String]) {
    let start = position
    // The opening mark can't be the closing one, too.
    let ends = marks.compactMap { mark in
      finder.position(of: mark, from: start + 2).map { $0 + mark.utf8.count }
    }
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
