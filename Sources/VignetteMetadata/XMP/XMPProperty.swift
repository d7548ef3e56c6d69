/// The namespaces that XMP is made of.
enum XMPNamespace {
  static let xml = "http://www.w3.org/XML/1998/namespace"
  static let rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  static let dublinCore = "http://purl.org/dc/elements/1.1/"
  static let iptcCore = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
  static let tiff = "http://ns.adobe.com/tiff/1.0/"
}

/// A property of XMP that holds one text in several languages.
package struct XMPProperty: Sendable, Hashable {
  let name: XMLTree.Name
  /// The prefix that its namespace gets where a file has none for it.
  let prefix: String

  private init(_ namespace: String, _ prefix: String, _ local: String) {
    name = XMLTree.Name(namespace, local)
    self.prefix = prefix
  }

  /// `dc:description`: the caption, for people who see the image.
  package static let description = XMPProperty(XMPNamespace.dublinCore, "dc", "description")
  /// `Iptc4xmpCore:AltTextAccessibility` (IPTC 2021.1): what stands for the image where it can't be seen.
  package static let altText = XMPProperty(XMPNamespace.iptcCore, "Iptc4xmpCore", "AltTextAccessibility")
  /// `tiff:ImageDescription`: XMP's copy of the EXIF field.
  package static let imageDescription = XMPProperty(XMPNamespace.tiff, "tiff", "ImageDescription")
}
