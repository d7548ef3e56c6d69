import VignetteFiles

/// Reads XML from front to back: elements with their namespaces, comments, CDATA, processing instructions.
///
/// What isn't well-formed is refused rather than guessed at, because an edit of a text that was misread would destroy it.
/// A document type may be named, but not declare anything: entities that stand for others can grow without bounds.
struct XMLScanner {
  private static let maximumDepth = 256

  private let text: [UInt8]
  private var position = 0
  private var found: [XMLTree.Element] = []
  /// The elements that are open, from the root inwards.
  private var open: [Int] = []

  init(_ text: [UInt8]) { self.text = text }

  mutating func elements() throws -> [XMLTree.Element] {
    while position < text.count {
      if text[position] == UInt8(ascii: "<") { try markup() } else { try characterData() }
    }
    if let last = open.last { throw fault("the file ends inside <\(found[last].writtenName)>") }
    guard !found.isEmpty else { throw fault("there is no element in it") }
    return found
  }

  // MARK: Parts

  private mutating func markup() throws {
    if starts("<!--") {
      try skip(past: "-->", from: position + 4, "a comment")
    } else if starts("<![CDATA[") {
      guard !open.isEmpty else { throw fault("there is text outside the root element") }
      try skip(past: "]]>", from: position + 9, "a CDATA section")
    } else if starts("<!") {
      try documentType()
    } else if starts("<?") {
      try skip(past: "?>", from: position + 2, "a processing instruction")
    } else if starts("</") {
      try endTag()
    } else {
      try startTag()
    }
  }

  /// `<!DOCTYPE name SYSTEM "address">`: declared entities (`[…]`) aren't read.
  private mutating func documentType() throws {
    guard starts("<!DOCTYPE"), found.isEmpty else { throw fault("there is a declaration in its text") }
    var quote: UInt8?
    while position < text.count {
      let byte = text[position]
      position += 1
      if byte == quote {
        quote = nil
      } else if quote == nil {
        switch byte {
        case UInt8(ascii: ">"): return
        case UInt8(ascii: "["): throw fault("it declares entities, which aren't read")
        case UInt8(ascii: "\""), UInt8(ascii: "'"): quote = byte
        default: break
        }
      }
    }
    throw fault("the file ends inside its document type")
  }

  private mutating func characterData() throws {
    let end = text[position...].firstIndex(of: UInt8(ascii: "<")) ?? text.count
    let run = text[position..<end]
    if open.isEmpty {
      guard run.allSatisfy(Self.isSpace) else { throw fault("there is text outside the root element") }
    } else {
      try check(run)
    }
    position = end
  }

  private mutating func endTag() throws {
    let start = position
    position += 2
    let name = try name()
    skipSpace()
    guard at(UInt8(ascii: ">")) else { throw fault("the end tag of <\(name)> isn't closed") }
    guard let last = open.popLast() else { throw fault("there is an end tag of <\(name)> and no start tag") }
    guard found[last].writtenName == name else {
      throw fault("the end tag of <\(found[last].writtenName)> is </\(name)>")
    }
    found[last].content = found[last].startTag.upperBound..<start
    position += 1
    found[last].range = found[last].startTag.lowerBound..<position
  }

  private mutating func startTag() throws {
    let start = position
    position += 1
    let name = try name()
    guard !open.isEmpty || found.isEmpty else { throw fault("there are several root elements") }
    guard open.count < Self.maximumDepth else {
      throw fault("its elements are nested more than \(Self.maximumDepth) deep")
    }
    var written: [WrittenAttribute] = []
    var closesItself = false
    while true {
      let hadSpace = skipSpace()
      if at(UInt8(ascii: ">")) {
        position += 1
        break
      }
      if starts("/>") {
        position += 2
        closesItself = true
        break
      }
      guard position < text.count else { throw fault("the file ends inside <\(name)>") }
      guard hadSpace else { throw fault("there is no space between the attributes of <\(name)>") }
      written.append(try attribute())
    }
    try add(name, written, start..<position, closesItself)
  }

  private struct WrittenAttribute {
    let name: String
    let range: Range<Int>
    let value: Range<Int>
  }

  private mutating func attribute() throws -> WrittenAttribute {
    let start = position
    let name = try name()
    skipSpace()
    guard at(UInt8(ascii: "=")) else { throw fault("the attribute \(name) has no value") }
    position += 1
    skipSpace()
    guard position < text.count, [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(text[position]) else {
      throw fault("the value of the attribute \(name) isn't quoted")
    }
    let quote = text[position]
    position += 1
    guard let end = text[position...].firstIndex(of: quote) else {
      throw fault("the value of the attribute \(name) isn't closed")
    }
    let value = position..<end
    guard !text[value].contains(UInt8(ascii: "<")) else {
      throw fault("there is a < in the value of the attribute \(name)")
    }
    try check(text[value])
    position = end + 1
    return WrittenAttribute(name: name, range: start..<position, value: value)
  }

  // MARK: Names

  private mutating func add(
    _ name: String, _ written: [WrittenAttribute], _ startTag: Range<Int>, _ closesItself: Bool
  ) throws {
    var declarations: [(prefix: String, namespace: String)] = []
    for attribute in written {
      guard let (prefix, local) = Self.parts(attribute.name) else {
        throw fault("\(attribute.name) is no name")
      }
      guard prefix == "xmlns" || (prefix.isEmpty && local == "xmlns") else { continue }
      declarations.append(
        (prefix.isEmpty ? "" : local, XMLReference.resolved(text[attribute.value])))
    }
    var attributes: [XMLTree.Attribute] = []
    var names: Set<XMLTree.Name> = []
    for attribute in written {
      let resolved = try resolve(attribute.name, declarations, isAttribute: true)
      guard names.insert(resolved).inserted else {
        throw fault("<\(name)> has the attribute \(attribute.name) twice")
      }
      attributes.append(XMLTree.Attribute(name: resolved, range: attribute.range, value: attribute.value))
    }
    let index = found.count
    found.append(
      XMLTree.Element(
        name: try resolve(name, declarations, isAttribute: false), writtenName: name, startTag: startTag,
        content: nil, range: startTag, attributes: attributes, declarations: declarations, parent: open.last))
    if let parent = open.last { found[parent].children.append(index) }
    if !closesItself { open.append(index) }
  }

  private func resolve(
    _ name: String, _ declarations: [(prefix: String, namespace: String)], isAttribute: Bool
  ) throws -> XMLTree.Name {
    guard let (prefix, local) = Self.parts(name) else { throw fault("\(name) is no name") }
    switch prefix {
    case "xml": return XMLTree.Name(XMPNamespace.xml, local)
    case "xmlns": return XMLTree.Name("xmlns", local)
    case "" where isAttribute: return XMLTree.Name("", local)
    default: break
    }
    if let own = declarations.last(where: { $0.prefix == prefix }) {
      return XMLTree.Name(own.namespace, local)
    }
    for index in open.reversed() {
      if let outer = found[index].declarations.last(where: { $0.prefix == prefix }) {
        return XMLTree.Name(outer.namespace, local)
      }
    }
    guard prefix.isEmpty else { throw fault("the prefix \(prefix) is not declared") }
    return XMLTree.Name("", local)
  }

  /// Prefix and local part; nil for what has several colons, or nothing beside one.
  private static func parts(_ name: String) -> (prefix: String, local: String)? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return ("", name)
    case 2 where !parts[0].isEmpty && !parts[1].isEmpty: return (String(parts[0]), String(parts[1]))
    default: return nil
    }
  }

  private mutating func name() throws -> String {
    let start = position
    while position < text.count, Self.isNameByte(text[position], isFirst: position == start) { position += 1 }
    guard position > start else {
      throw fault("there is a < that begins no tag, or an attribute without a name")
    }
    return String(decoding: text[start..<position], as: UTF8.self)
  }

  private static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...0xFF,
      UInt8(ascii: "_"), UInt8(ascii: ":"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): !isFirst
    default: false
    }
  }

  // MARK: Characters

  /// Checks that text holds no control characters, and references only to characters.
  private func check(_ run: ArraySlice<UInt8>) throws {
    var rest = run
    for byte in run where byte < 0x20 && !Self.isSpace(byte) {
      throw fault("there is a control character in its text")
    }
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      guard let end = rest[start...].prefix(16).firstIndex(of: UInt8(ascii: ";")),
        XMLReference.scalar(String(decoding: rest[(start + 1)..<end], as: UTF8.self)) != nil
      else { throw fault("there is a & that begins no known reference") }
      rest = rest[(end + 1)...]
    }
  }

  /// The characters of a well-formed run of content, without tags, comments and instructions.
  static func characters(_ content: ArraySlice<UInt8>) -> String {
    var result = ""
    var rest = content
    while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
      result += XMLReference.resolved(rest[..<start])
      rest = rest[start...]
      let (end, isText) = end(ofMarkup: rest)
      if isText { result += String(decoding: rest[(start + 9)..<(end - 3)], as: UTF8.self) }
      rest = rest[end...]
    }
    return result + XMLReference.resolved(rest)
  }

  /// Where markup that `rest` begins with ends, and whether it is a CDATA section.
  private static func end(ofMarkup rest: ArraySlice<UInt8>) -> (Int, isText: Bool) {
    func end(_ mark: String) -> Int { rest.firstRange(of: Array(mark.utf8))?.upperBound ?? rest.endIndex }
    if rest.starts(with: "<!--".utf8) { return (end("-->"), false) }
    if rest.starts(with: "<![CDATA[".utf8) { return (end("]]>"), true) }
    if rest.starts(with: "<?".utf8) { return (end("?>"), false) }
    var quote: UInt8?
    for index in rest.indices {
      let byte = rest[index]
      if byte == quote {
        quote = nil
      } else if quote == nil {
        if byte == UInt8(ascii: ">") { return (index + 1, false) }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { quote = byte }
      }
    }
    return (rest.endIndex, false)
  }

  // MARK: Bytes

  private func at(_ byte: UInt8) -> Bool { position < text.count && text[position] == byte }

  private func starts(_ mark: String) -> Bool { text[position...].starts(with: mark.utf8) }

  @discardableResult
  private mutating func skipSpace() -> Bool {
    let start = position
    while position < text.count, Self.isSpace(text[position]) { position += 1 }
    return position > start
  }

  private mutating func skip(past mark: String, from start: Int, _ what: String) throws {
    guard start <= text.count, let end = text[start...].firstRange(of: Array(mark.utf8)) else {
      throw fault("the file ends inside \(what)")
    }
    position = end.upperBound
  }

  static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private func fault(_ reason: String) -> MetadataError {
    let line = text[..<min(position, text.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return MetadataError(
      .damaged("its XMP is not well-formed XML: line \(line): \(Excerpt(problem: reason))"))
  }
}
