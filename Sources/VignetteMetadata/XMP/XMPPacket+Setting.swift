import VignetteFiles

/// Setting a property: where the edit is made, and what is written there.
extension XMPPacket {
  /// The packet with a property's text in the default language set; other languages stay.
  ///
  /// - Throws: ``MetadataError``, should the result not be XMP.
  package func setting(_ property: XMPProperty, to value: String) throws -> XMPPacket {
    let edits = edits(property, XMLReference.escaped(value, asNumbers: text.escapesNonASCII))
    let result = try XMPPacket(text.stored(edits.applied(to: tree.text)))
    // What is read back is what was meant, whatever the file looked like before.
    guard result.value(of: property) == XMPPacket.readable(value) else {
      throw MetadataError(.unsupported("its XMP has a form of \(property.name.local) that can't be edited"))
    }
    return result
  }

  /// A text as it is read back.
  private static func readable(_ value: String) -> String? {
    let text = String(
      String.UnicodeScalarView(value.unicodeScalars.map { XMLReference.isAllowed($0) ? $0 : " " })
    ).trimmed
    return text.isEmpty ? nil : text
  }

  private func edits(_ property: XMPProperty, _ value: String) -> [ByteEdit] {
    let elements = descriptions.flatMap { tree.children(of: $0, named: property.name) }
    let attributes = descriptions.compactMap { tree.attribute(property.name, of: $0) }
    // An attribute can't hold several languages, as the property is meant to: an element takes its place.
    let removals = attributes.map(removal)
    if elements.isEmpty { return removals + insertion(of: property, value) }
    return removals + elements.map { edit(of: $0, property, value) }
  }

  private func removal(of attribute: XMLTree.Attribute) -> ByteEdit {
    var start = attribute.range.lowerBound
    while start > 0, XMLScanner.isSpace(tree.text[start - 1]) { start -= 1 }
    return ByteEdit(start..<attribute.range.upperBound, [])
  }

  // MARK: A property that is there

  private func edit(of element: Int, _ property: XMPProperty, _ value: String) -> ByteEdit {
    let children = tree.elements[element].children
    guard children.count == 1, tree.elements[children[0]].name == Self.alternatives, !hasSyntax(element)
    else {
      // A plain text, a list of another kind, a text with qualifiers.
      return ByteEdit(
        tree.elements[element].range, Array(markup(of: property, value, replacing: element).utf8))
    }
    let list = children[0]
    let items = tree.children(of: list, named: Self.item)
    if let item = items.first(where: isDefault) { return edit(ofItem: item, value) }
    if let item = items.first(where: { tree.attribute(Self.language, of: $0) == nil }) {
      return ByteEdit(tree.elements[item].range, Array(self.item(value, at: list).utf8))
    }
    return insertion(into: list, before: items.first, value)
  }

  /// Whether attributes of RDF's change what an element's content means: `rdf:parseType`, `rdf:resource`.
  private func hasSyntax(_ element: Int) -> Bool {
    tree.elements[element].attributes.contains { $0.name.namespace == XMPNamespace.rdf }
  }

  private func edit(ofItem item: Int, _ value: String) -> ByteEdit {
    let holder = valueElement(of: item)
    let element = tree.elements[holder]
    guard element.children.isEmpty, holder != item || !hasSyntax(item), let content = element.content else {
      return ByteEdit(
        tree.elements[item].range, Array(self.item(value, at: tree.elements[item].parent ?? root).utf8))
    }
    return ByteEdit(content, Array(value.utf8))
  }

  /// The default language comes first, as XMP asks for.
  private func insertion(into list: Int, before next: Int?, _ value: String) -> ByteEdit {
    let item = item(value, at: list)
    let element = tree.elements[list]
    guard let content = element.content else {
      let tag = Array("<\(element.writtenName)>\(item)</\(element.writtenName)>".utf8)
      return ByteEdit(element.range, tag)
    }
    let first = next.map { tree.elements[$0].range.lowerBound } ?? content.lowerBound
    let gap = tree.text[content.lowerBound..<first]
    let space = gap.allSatisfy(XMLScanner.isSpace) ? Array(gap) : []
    return ByteEdit(insert: Array(item.utf8) + (next == nil ? [] : space), at: first)
  }

  // MARK: A property that isn't

  private func insertion(of property: XMPProperty, _ value: String) -> [ByteEdit] {
    let namespace = property.name.namespace
    // Where the namespace is used already, else the first, else a new one.
    let home = descriptions.first { tree.prefix(of: namespace, at: $0) != nil } ?? descriptions.first
    guard let home else {
      let layout = Layout(inside: root, of: tree)
      let prefix = prefix(of: XMPNamespace.rdf, "rdf", at: root)
      let inner = layout.deeper
      let content = markup(of: property, value, at: root, inner)
      let description =
        "<\(prefix.name):Description \(prefix.name):about=\"\"\(prefix.declaration)>" + inner.lineStart
        + content
        + layout.lineStart + "</\(prefix.name):Description>"
      return [append(description, to: root, layout)]
    }
    let layout = Layout(inside: home, of: tree)
    return [append(markup(of: property, value, at: home, layout), to: home, layout)]
  }

  /// Puts a new child behind the others.
  private func append(_ child: String, to index: Int, _ layout: Layout) -> ByteEdit {
    let element = tree.elements[index]
    guard let content = element.content else {
      let slash = element.startTag.upperBound - 2
      let rest = ">\(layout.lineStart)\(child)\(layout.outerLineStart)</\(element.writtenName)>"
      return ByteEdit(slash..<element.startTag.upperBound, Array(rest.utf8))
    }
    let last = tree.text[content].lastIndex { !XMLScanner.isSpace($0) }
    let end = last.map { $0 + 1 } ?? content.lowerBound
    let endsLine =
      !element.children.isEmpty || tree.text[end..<content.upperBound].contains(UInt8(ascii: "\n"))
    let text = layout.lineStart + child + (endsLine ? "" : layout.outerLineStart)
    return ByteEdit(insert: Array(text.utf8), at: end)
  }

  // MARK: What is written

  /// The text of a whole property as it stands inside an element.
  private func markup(of property: XMPProperty, _ value: String, at parent: Int, _ layout: Layout) -> String {
    let prefix = prefix(of: property.name.namespace, property.prefix, at: parent)
    let name = "\(prefix.name):\(property.name.local)"
    let rdf = self.prefix(of: XMPNamespace.rdf, "rdf", at: parent)
    let list = "\(rdf.name):Alt"
    return "<\(name)\(prefix.declaration)>" + layout.deeper.lineStart + "<\(list)\(rdf.declaration)>"
      + layout.deeper.deeper.lineStart + "<\(rdf.name):li xml:lang=\"x-default\">\(value)</\(rdf.name):li>"
      + layout.deeper.lineStart + "</\(list)>" + layout.lineStart + "</\(name)>"
  }

  private func markup(of property: XMPProperty, _ value: String, replacing element: Int) -> String {
    let parent = tree.elements[element].parent ?? root
    return markup(of: property, value, at: parent, Layout(inside: parent, of: tree))
  }

  private func item(_ value: String, at list: Int) -> String {
    let rdf = prefix(of: XMPNamespace.rdf, "rdf", at: list)
    return "<\(rdf.name):li\(rdf.declaration) xml:lang=\"x-default\">\(value)</\(rdf.name):li>"
  }

  /// A prefix for a namespace at an element, and its declaration where there is none yet.
  private func prefix(
    of namespace: String, _ preferred: String, at element: Int
  ) -> (name: String, declaration: String) {
    if let prefix = tree.prefix(of: namespace, at: element) { return (prefix, "") }
    var prefix = preferred
    var number = 1
    while tree.namespace(of: prefix, at: element) != nil {
      prefix = "\(preferred)\(number)"
      number += 1
    }
    return (prefix, " xmlns:\(prefix)=\"\(namespace)\"")
  }
}

/// How the children of an element are laid out: each on a line of its own, or all on one.
private struct Layout {
  /// What begins a line: line end and indentation; empty where there are no lines.
  let lineStart: String
  /// The same for the element itself.
  let outerLineStart: String
  private let step: String

  private init(_ lineStart: String, _ outerLineStart: String, _ step: String) {
    self.lineStart = lineStart
    self.outerLineStart = outerLineStart
    self.step = step
  }

  init(inside element: Int, of tree: XMLTree) {
    let outer = Self.lineStart(before: tree.elements[element].range.lowerBound, in: tree.text)
    let child = tree.elements[element].children.first
    let inner = child.flatMap { Self.lineStart(before: tree.elements[$0].range.lowerBound, in: tree.text) }
    guard let outer else {
      self.init(inner ?? "", "", inner == nil ? "" : " ")
      return
    }
    if child != nil, inner == nil {
      // Its children stand on one line.
      self.init("", outer, "")
    } else if let inner {
      let step =
        inner.hasPrefix(outer) && inner.utf8.count > outer.utf8.count ? inner.dropFirst(outer.count) : " "
      self.init(inner, outer, String(step))
    } else {
      self.init(outer + " ", outer, " ")
    }
  }

  var deeper: Layout { Layout(lineStart.isEmpty ? "" : lineStart + step, lineStart, step) }

  /// The line end and the space that `position` stands behind; nil where it is not the first on its line.
  private static func lineStart(before position: Int, in text: [UInt8]) -> String? {
    var start = position
    while start > 0, text[start - 1] == 0x20 || text[start - 1] == 0x09 { start -= 1 }
    guard start > 0, text[start - 1] == UInt8(ascii: "\n") else { return nil }
    start -= 1
    if start > 0, text[start - 1] == UInt8(ascii: "\r") { start -= 1 }
    return String(decoding: text[start..<position], as: UTF8.self)
  }
}
