/// A parsed XML text whose every part knows where in the text it stands, so that a change of it can be a change of the text.
///
/// Ranges are of bytes in the UTF-8 that was parsed.
struct XMLTree {
  /// A name, told by its namespace and not by its prefix.
  struct Name: Hashable {
    /// The namespace's URI; empty for none.
    let namespace: String
    let local: String

    init(_ namespace: String, _ local: String) {
      self.namespace = namespace
      self.local = local
    }
  }

  struct Attribute {
    let name: Name
    /// From its name to its closing quote.
    let range: Range<Int>
    /// Between the quotes.
    let value: Range<Int>
  }

  struct Element {
    let name: Name
    /// As it is written, with its prefix.
    let writtenName: String
    /// From `<` to `>`.
    let startTag: Range<Int>
    /// Between the tags; nil where the tag closes itself.
    var content: Range<Int>?
    /// From its start tag to its end tag.
    var range: Range<Int>
    let attributes: [Attribute]
    /// The namespaces that it declares itself, by their prefix.
    let declarations: [(prefix: String, namespace: String)]
    let parent: Int?
    var children: [Int] = []
  }

  let text: [UInt8]
  /// All elements in the order of their start tags; the root is the first.
  let elements: [Element]

  /// Parses a text.
  ///
  /// - Throws: ``MetadataError`` with the line, for a text that isn't well-formed, one that declares entities, or one that
  ///   is nested too deeply.
  init(_ text: [UInt8]) throws {
    var scanner = XMLScanner(text)
    elements = try scanner.elements()
    self.text = text
  }

  func children(of index: Int, named name: Name) -> [Int] {
    elements[index].children.filter { elements[$0].name == name }
  }

  func attribute(_ name: Name, of index: Int) -> Attribute? {
    elements[index].attributes.first { $0.name == name }
  }

  /// What an attribute says, its references resolved.
  func value(of attribute: Attribute) -> String { XMLReference.resolved(text[attribute.value]) }

  /// The characters between an element's tags, those of elements in it too.
  func content(of index: Int) -> String {
    guard let range = elements[index].content else { return "" }
    return XMLScanner.characters(text[range])
  }

  /// What a prefix stands for at an element.
  func namespace(of prefix: String, at index: Int) -> String? {
    var element: Int? = index
    while let current = element {
      if let found = elements[current].declarations.last(where: { $0.prefix == prefix }) {
        return found.namespace
      }
      element = elements[current].parent
    }
    return nil
  }

  /// A prefix, not an empty one, that stands for a namespace at an element.
  func prefix(of namespace: String, at index: Int) -> String? {
    var element: Int? = index
    while let current = element {
      for declaration in elements[current].declarations
      where declaration.namespace == namespace && !declaration.prefix.isEmpty
        && self.namespace(of: declaration.prefix, at: index) == namespace
      {
        return declaration.prefix
      }
      element = elements[current].parent
    }
    return nil
  }
}

/// References to characters: `&amp;`, `&#233;`.
package enum XMLReference {
  private static let named: [String: Unicode.Scalar] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'",
  ]

  /// The character that `name`, between & and ;, stands for; nil for none that XML has.
  static func scalar(_ name: some StringProtocol) -> Unicode.Scalar? {
    guard name.hasPrefix("#") else { return named[String(name)] }
    let isHexadecimal = name.hasPrefix("#x")
    let digits = name.dropFirst(isHexadecimal ? 2 : 1)
    guard digits.utf8.first != UInt8(ascii: "+"), let number = UInt32(digits, radix: isHexadecimal ? 16 : 10),
      let scalar = Unicode.Scalar(number), isAllowed(scalar)
    else { return nil }
    return scalar
  }

  /// Whether a document may hold a character at all.
  static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD: true
    case 0..<0x20, 0xFFFE, 0xFFFF: false
    default: true
    }
  }

  /// A text with its references resolved; those that aren't any stay.
  package static func resolved(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
    var result = ""
    var rest = bytes
    while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
      result += String(decoding: rest[..<start], as: UTF8.self)
      rest = rest[start...]
      if let end = rest.prefix(16).firstIndex(of: UInt8(ascii: ";")),
        let scalar = scalar(String(decoding: rest[(start + 1)..<end], as: UTF8.self))
      {
        result.unicodeScalars.append(scalar)
        rest = rest[(end + 1)...]
      } else {
        result += "&"
        rest = rest.dropFirst()
      }
    }
    return result + String(decoding: rest, as: UTF8.self)
  }

  /// A text where nothing is markup; what no document may hold becomes a space.
  ///
  /// - Parameter asNumbers: whether characters beyond ASCII are written by their numbers.
  static func escaped(_ text: String, asNumbers: Bool = false) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\r": result += "&#13;"
      case _ where !isAllowed(scalar): result += " "
      case _ where asNumbers && !scalar.isASCII: result += "&#\(scalar.value);"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
