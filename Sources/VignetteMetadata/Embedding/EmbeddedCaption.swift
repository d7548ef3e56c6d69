/// What is written when a caption is embedded.
package struct EmbeddingOptions: Sendable, Hashable {
  /// The properties of XMP that get the caption.
  package var properties: [XMPProperty] = [.description, .altText]
  /// Whether EXIF's ImageDescription gets it, too; a block is made where there is none.
  package var writesEXIF = true
  /// Whether IPTC's caption (2:120) gets it, where an image has a block of IPTC.
  package var writesIPTC = true

  package init() {}
}

/// A caption inside an image file: XMP, EXIF and IPTC in a JPEG, XMP and EXIF in a PNG or WebP.
///
/// Pixels and all other metadata stay byte for byte as they were.
package enum EmbeddedCaption {
  /// The caption that an image has: XMP's, else EXIF's, else IPTC's; nil where there is none.
  ///
  /// What cameras write into every image is no caption.
  ///
  /// - Throws: ``MetadataError`` for a file that is damaged, or of another format.
  package static func read(_ bytes: [UInt8]) throws -> String? { try container(bytes).caption() }

  /// The image file with a caption.
  ///
  /// - Throws: ``MetadataError`` for a file that is damaged or of another format, or whose format can't hold so much.
  package static func write(
    _ caption: String, into bytes: [UInt8], _ options: EmbeddingOptions = EmbeddingOptions()
  ) throws -> [UInt8] {
    try container(bytes).embedding(caption, options)
  }

  private static func container(_ bytes: [UInt8]) throws -> any MetadataContainer {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return try JPEGMetadata(bytes) }
    if bytes.starts(with: PNGChunks.signature) { return try PNGMetadata(bytes) }
    if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
      return try WebPMetadata(bytes)
    }
    throw MetadataError(
      .unsupported(
        "captions are embedded in JPEG, PNG and WebP images, of which this is none; a sidecar can hold one"))
  }
}

/// An image file of one format, as far as metadata is concerned.
protocol MetadataContainer {
  /// The packet of XMP.
  func xmp() throws -> [UInt8]?
  /// The block of EXIF, from its byte order mark on.
  func exif() -> [UInt8]?
  func caption() throws -> String?
  func embedding(_ caption: String, _ options: EmbeddingOptions) throws -> [UInt8]
}

extension MetadataContainer {
  func caption() throws -> String? { try xmpCaption() ?? exifCaption() }

  /// A packet that can't be read has none.
  func xmpCaption() throws -> String? { try xmp().flatMap { try? XMPPacket($0) }?.caption }

  func exifCaption() -> String? {
    guard let text = exif().flatMap({ try? EXIFBlock($0) })?.imageDescription else { return nil }
    return CameraText.isOne(text) ? nil : text
  }

  /// The packet with a caption; a new one where there is none.
  func newXMP(_ caption: String, _ properties: [XMPProperty]) throws -> [UInt8] {
    let packet = try xmp().map { try XMPPacket($0) } ?? XMPPacket()
    return try packet.settingCaption(caption, properties).bytes
  }

  /// The block with a caption; a new one where there is none.
  func newEXIF(_ caption: String) throws -> [UInt8] {
    var block = try exif().map { try EXIFBlock($0) } ?? EXIFBlock()
    guard block.isWhole else {
      throw MetadataError(.damaged("a value of its EXIF block lies outside it"))
    }
    try block.setImageDescription(caption)
    return block.bytes
  }
}

/// What cameras write into ImageDescription by themselves.
private enum CameraText {
  private static let texts: Set = [
    "olympus digital camera", "sony dsc", "digital camera", "digital still camera",
    "kodak digital still camera",
    "minolta digital camera", "konica minolta digital camera", "samsung", "exif_jpeg", "exif_jpeg_picture",
    "jpeg", "default", "untitled", "dcim", "cof", "rhdr", "hdr", "sdr", "dav", "edf", "mde", "ptr", "oznor",
    "oznorwo",
  ]

  static func isOne(_ text: String) -> Bool { texts.contains(text.lowercased()) }
}
