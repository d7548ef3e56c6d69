import VignetteFiles

/// An XMP packet, or the file of one, whose properties can be read and set.
///
/// Setting one is an edit of the text at that one spot: other properties, other languages, comments, formatting and padding
/// stay as they are, byte for byte. Source: XMP specification parts 1 (ISO 16684-1) and 3.
package struct XMPPacket {
  let text: XMLText
  let tree: XMLTree
  /// The element `rdf:RDF`.
  let root: Int

  /// Parses a packet in UTF-8 or UTF-16.
  ///
  /// - Throws: ``MetadataError`` for what isn't well-formed XML, or has no `rdf:RDF`.
  package init(_ bytes: [UInt8]) throws {
    text = try XMLText(bytes)
    tree = try XMLTree(text.utf8)
    guard let root = Self.root(of: tree) else {
      throw MetadataError(.damaged("its XML is no XMP: there is no rdf:RDF in it"))
    }
    self.root = root
  }

  /// A packet without properties.
  package init() throws {
    try self.init(
      Array(
        """
        <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
        <x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Vignette">
         <rdf:RDF xmlns:rdf="\(XMPNamespace.rdf)">
          <rdf:Description rdf:about=""/>
         </rdf:RDF>
        </x:xmpmeta>
        <?xpacket end="w"?>

        """.utf8))
  }

  /// The packet as it is stored.
  package var bytes: [UInt8] { text.stored(text.utf8) }

  /// `rdf:RDF` is the root, or stands in `x:xmpmeta`.
  private static func root(of tree: XMLTree) -> Int? {
    let name = XMLTree.Name(XMPNamespace.rdf, "RDF")
    return tree.elements[0].name == name ? 0 : tree.children(of: 0, named: name).first
  }

  // MARK: Reading

  /// The text of a property in the default language, else in the first that it has; nil where there is none.
  package func value(of property: XMPProperty) -> String? {
    for description in descriptions {
      for element in tree.children(of: description, named: property.name) {
        if let value = value(ofElement: element), !value.isEmpty { return value }
      }
      if let attribute = tree.attribute(property.name, of: description) {
        let value = tree.value(of: attribute).trimmed
        if !value.isEmpty { return value }
      }
    }
    return nil
  }

  private func value(ofElement element: Int) -> String? {
    guard
      let list = tree.elements[element].children.first(where: { Self.lists.contains(tree.elements[$0].name) })
    else { return tree.content(of: element).trimmed }
    let items = tree.children(of: list, named: Self.item)
    return (items.first(where: isDefault) ?? items.first).map {
      tree.content(of: valueElement(of: $0)).trimmed
    }
  }

  // MARK: Shape

  static let alternatives = XMLTree.Name(XMPNamespace.rdf, "Alt")
  static let lists: Set = [
    alternatives, XMLTree.Name(XMPNamespace.rdf, "Bag"), XMLTree.Name(XMPNamespace.rdf, "Seq"),
  ]
  static let item = XMLTree.Name(XMPNamespace.rdf, "li")
  static let language = XMLTree.Name(XMPNamespace.xml, "lang")

  /// The elements that properties stand in: a packet has one or several, of equal rank.
  var descriptions: [Int] {
    tree.children(of: root, named: XMLTree.Name(XMPNamespace.rdf, "Description"))
  }

  /// Whether an item of a list is in the default language.
  func isDefault(_ item: Int) -> Bool {
    tree.attribute(Self.language, of: item).map { tree.value(of: $0).lowercased() } == "x-default"
  }

  /// The element that holds an item's text: `rdf:value` in it, where the item has qualifiers besides, else itself.
  func valueElement(of item: Int) -> Int {
    let value = XMLTree.Name(XMPNamespace.rdf, "value")
    let nested = tree.children(of: item, named: XMLTree.Name(XMPNamespace.rdf, "Description"))
    return ([item] + nested).compactMap { tree.children(of: $0, named: value).first }.first ?? item
  }
}

extension String {
  /// Without space around it.
  var trimmed: String {
    let scalars = unicodeScalars.drop { $0.properties.isWhitespace }
    let end = scalars.lastIndex { !$0.properties.isWhitespace }
    return end.map { String(scalars[...$0]) } ?? ""
  }
}
