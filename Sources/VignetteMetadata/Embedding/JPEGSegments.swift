/// The segments before a JPEG's first scan. What follows, and what stands between them, is never touched.
///
/// Sources: ITU T.81; EXIF 2.32; XMP specification part 3; CIPA DC-007 (several images in a file).
struct JPEGSegments {
  struct Segment {
    let marker: UInt8
    /// From 0xFF on.
    let range: Range<Int>
    /// Behind the length.
    let payload: Range<Int>
  }

  let bytes: [UInt8]
  let segments: [Segment]

  static let exif = Array("Exif\0\0".utf8)
  static let xmp = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
  static let extendedXMP = Array("http://ns.adobe.com/xmp/extension/\0".utf8)
  static let photoshop = Array("Photoshop 3.0\0".utf8)
  static let multiplePictures = Array("MPF\0".utf8)

  /// What a segment can hold behind its length.
  static let maximumPayload = 0xFFFF - 2

  /// - Throws: ``MetadataError`` for a file that ends before the first scan.
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    var segments: [Segment] = []
    var position = 2
    // Stray bytes and padding between segments are skipped, as decoders do.
    while let start = bytes[position...].firstIndex(of: 0xFF) {
      guard let index = bytes[start...].firstIndex(where: { $0 != 0xFF }) else { break }
      position = index + 1
      switch bytes[index] {
      case 0x00, 0x01, 0xD0...0xD8: continue
      case 0xD9: throw MetadataError(.damaged("truncated JPEG image: it ends before its first scan"))
      case 0xDA:
        self.segments = segments
        return
      default: break
      }
      guard let length = ByteOrder.big.number(2, at: position, of: bytes), length >= 2,
        length <= bytes.count - position
      else { break }
      segments.append(
        Segment(
          marker: bytes[index], range: index - 1..<position + length,
          payload: position + 2..<position + length))
      position += length
    }
    throw MetadataError(.damaged("truncated JPEG image: it ends before its first scan"))
  }

  func payload(_ segment: Segment) -> ArraySlice<UInt8> { bytes[segment.payload] }

  /// The segments of one application's data that begin with `header`.
  func segments(_ marker: UInt8, _ header: [UInt8]) -> [Segment] {
    segments.filter { $0.marker == marker && payload($0).starts(with: header) }
  }

  /// What such a segment holds behind its header.
  func content(_ segment: Segment, _ header: [UInt8]) -> [UInt8] {
    Array(payload(segment).dropFirst(header.count))
  }

  /// A segment as it is stored.
  ///
  /// - Throws: ``MetadataError`` where the content is too large for one.
  static func segment(_ marker: UInt8, _ header: [UInt8], _ content: [UInt8], _ what: String) throws
    -> [UInt8]
  {
    let count = header.count + content.count
    guard count <= maximumPayload else {
      throw MetadataError(
        .tooLarge("\(what) would have \(content.count) bytes; a JPEG holds \(maximumPayload - header.count)"))
    }
    return [0xFF, marker] + ByteOrder.big.bytes(count + 2, 2) + header + content
  }

  /// Where a new block of EXIF belongs: at the front, but behind JFIF's header.
  var positionOfEXIF: Int { segments.prefix { $0.marker == 0xE0 }.last?.range.upperBound ?? 2 }

  /// Where a new XMP packet belongs: behind EXIF.
  var positionOfXMP: Int { segments(0xE1, Self.exif).first?.range.upperBound ?? positionOfEXIF }
}
