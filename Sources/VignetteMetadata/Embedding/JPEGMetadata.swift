/// Metadata of a JPEG: XMP and EXIF in APP1, IPTC among Photoshop's resources in APP13.
struct JPEGMetadata: MetadataContainer {
  private let segments: JPEGSegments

  init(_ bytes: [UInt8]) throws { segments = try JPEGSegments(bytes) }

  func xmp() -> [UInt8]? {
    segments.segments(0xE1, JPEGSegments.xmp).first.map { segments.content($0, JPEGSegments.xmp) }
  }

  func exif() -> [UInt8]? {
    segments.segments(0xE1, JPEGSegments.exif).first.map { segments.content($0, JPEGSegments.exif) }
  }

  func caption() throws -> String? {
    let extended = xmp().flatMap { ExtendedXMP(of: segments, namedIn: $0) }
    return try xmpCaption() ?? extended.flatMap { try? XMPPacket($0.bytes) }?.caption ?? exifCaption()
      ?? (try? photoshopResources?.iptc())?.caption
  }

  func embedding(_ caption: String, _ options: EmbeddingOptions) throws -> [UInt8] {
    // EXIF before XMP: where both are new they have one position.
    var edits = options.writesEXIF ? [try exifEdit(caption)] : []
    edits += try xmpEdits(caption, options.properties)
    if options.writesIPTC { edits += try photoshopEdits(caption) }
    edits += MultiPictureIndex.corrections(of: segments, for: edits)
    return edits.applied(to: segments.bytes)
  }

  private func exifEdit(_ caption: String) throws -> ByteEdit {
    let old = segments.segments(0xE1, JPEGSegments.exif).first?.range
    let position = segments.positionOfEXIF
    return ByteEdit(
      old ?? position..<position,
      try JPEGSegments.segment(0xE1, JPEGSegments.exif, try newEXIF(caption), "its EXIF block"))
  }

  // MARK: XMP

  private func xmpEdits(_ caption: String, _ properties: [XMPProperty]) throws -> [ByteEdit] {
    let main = xmp()
    // A property is set where it is: perhaps in the part that didn't fit one segment.
    let extended = main.flatMap { ExtendedXMP(of: segments, namedIn: $0) }
    let packet = extended.flatMap { try? XMPPacket($0.bytes) }
    let moved = properties.filter { packet?.value(of: $0) != nil }
    var edits: [ByteEdit] = []
    var content = try newXMP(caption, properties.filter { !moved.contains($0) })
    if let extended, let packet, !moved.isEmpty {
      let new = extended.replaced(by: try packet.settingCaption(caption, moved).bytes)
      edits += new.edits
      content = content.replacing(Array(extended.identifier.utf8), with: Array(new.identifier.utf8))
    }
    let limit = JPEGSegments.maximumPayload - JPEGSegments.xmp.count
    let written = try JPEGSegments.segment(
      0xE1, JPEGSegments.xmp, XMPPadding.cut(content, to: limit), "its XMP packet")
    let position = segments.positionOfXMP
    let old = segments.segments(0xE1, JPEGSegments.xmp).first?.range
    return edits + [ByteEdit(old ?? position..<position, written)]
  }

  // MARK: IPTC

  /// The resources may be spread over several segments.
  private var photoshopSegments: [JPEGSegments.Segment] { segments.segments(0xED, JPEGSegments.photoshop) }

  private var photoshopResources: PhotoshopResources? {
    get throws {
      let content = photoshopSegments.flatMap { segments.content($0, JPEGSegments.photoshop) }
      return content.isEmpty ? nil : try PhotoshopResources(content)
    }
  }

  private func photoshopEdits(_ caption: String) throws -> [ByteEdit] {
    guard let content = try photoshopResources?.settingCaption(caption) else { return [] }
    let limit = JPEGSegments.maximumPayload - JPEGSegments.photoshop.count
    let written = try stride(from: 0, to: content.count, by: limit).flatMap { start in
      try JPEGSegments.segment(
        0xED, JPEGSegments.photoshop, Array(content[start..<min(start + limit, content.count)]), "IPTC")
    }
    return photoshopSegments.enumerated().map { ByteEdit($1.range, $0 == 0 ? written : []) }
  }
}

/// The blank space at a packet's end.
enum XMPPadding {
  /// A packet with as much of its padding left out as it has to be; with too little, it stays too large.
  static func cut(_ packet: [UInt8], to limit: Int) -> [UInt8] {
    guard packet.count > limit, let end = packet.lastRange(of: Array("<?xpacket end".utf8))?.lowerBound else {
      return packet
    }
    let start = packet[..<end].lastIndex { !XMLScanner.isSpace($0) }.map { $0 + 1 } ?? 0
    let excess = min(packet.count - limit, end - start)
    return Array(packet[..<(end - excess)] + packet[end...])
  }
}

extension [UInt8] {
  fileprivate func lastRange(of part: [UInt8]) -> Range<Int>? {
    guard count >= part.count else { return nil }
    return (0...count - part.count).last { self[$0...].starts(with: part) }.map { $0..<$0 + part.count }
  }
}

/// The part of a JPEG's XMP that didn't fit one segment, in others.
///
/// Source: XMP specification part 3, "Extended XMP in JPEG".
struct ExtendedXMP {
  /// The MD5 of the part, which the main packet names.
  let identifier: String
  let bytes: [UInt8]
  private let ranges: [Range<Int>]

  /// Identifier, length in all, offset of this piece.
  private static let headerSize = 32 + 4 + 4
  private static let pieceSize = 65_400

  /// The part that a main packet names; nil where there is none, or not all of it.
  init?(of segments: JPEGSegments, namedIn main: [UInt8]) {
    let all = segments.segments(0xE1, JPEGSegments.extendedXMP)
    let named = Self.identifiers(in: main)
    let identifiers = all.lazy.map { Array(segments.content($0, JPEGSegments.extendedXMP).prefix(32)) }
    guard let identifier = identifiers.first(where: { named.contains($0) }) else { return nil }
    var pieces: [(offset: Int, bytes: ArraySlice<UInt8>, range: Range<Int>)] = []
    var total = 0
    for segment in all {
      let content = segments.content(segment, JPEGSegments.extendedXMP)
      guard content.starts(with: identifier), let length = ByteOrder.big.number(4, at: 32, of: content),
        let offset = ByteOrder.big.number(4, at: 36, of: content)
      else { continue }
      total = length
      pieces.append((offset, content[Self.headerSize...], segment.range))
    }
    var bytes: [UInt8] = []
    for piece in pieces.sorted(by: { $0.offset < $1.offset }) {
      guard piece.offset == bytes.count else { return nil }
      bytes += piece.bytes
    }
    guard bytes.count == total else { return nil }
    self.identifier = String(decoding: identifier, as: UTF8.self)
    self.bytes = bytes
    ranges = pieces.map(\.range)
  }

  /// What a packet holds that an identifier may be: 32 hexadecimal digits.
  private static func identifiers(in packet: [UInt8]) -> Set<[UInt8]> {
    let runs = packet.split { byte in
      !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        && !(UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte & 0xDF)
    }
    return Set(runs.filter { $0.count == 32 }.map { Array($0) })
  }

  /// The edits that put another part in the place of this one, and its identifier.
  func replaced(by bytes: [UInt8]) -> (identifier: String, edits: [ByteEdit]) {
    let digits = Array("0123456789ABCDEF".utf8)
    let identifier = MD5.digest(of: bytes).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    var written: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: Self.pieceSize) {
      let piece = bytes[start..<min(start + Self.pieceSize, bytes.count)]
      let header =
        JPEGSegments.extendedXMP + identifier + ByteOrder.big.bytes(bytes.count, 4)
        + ByteOrder.big.bytes(start, 4)
      written += [0xFF, 0xE1] + ByteOrder.big.bytes(2 + header.count + piece.count, 2) + header + piece
    }
    return (
      String(decoding: identifier, as: UTF8.self),
      ranges.enumerated().map { ByteEdit($1, $0 == 0 ? written : []) }
    )
  }
}
