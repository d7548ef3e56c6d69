/// Metadata of a WebP: chunks of XMP and EXIF, which the header's flags name.
///
/// Source: WebP Container Specification.
struct WebPMetadata: MetadataContainer {
  private struct Chunk {
    let type: [UInt8]
    /// With the byte that makes it even.
    let range: Range<Int>
    let data: Range<Int>
  }

  private enum Flag {
    static let xmp: UInt8 = 0x04
    static let exif: UInt8 = 0x08
    static let alpha: UInt8 = 0x10
  }

  private static let exifPrefix = Array("Exif\0\0".utf8)

  private let bytes: [UInt8]
  private let chunks: [Chunk]
  /// Where the last chunk ends.
  private let end: Int
  /// What the header says about the size; bytes behind the last chunk belong to nobody.
  private let size: Int

  /// - Throws: ``MetadataError`` for a file that ends inside a chunk, or without an image.
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    guard let size = ByteOrder.little.number(4, at: 4, of: bytes), size >= 4, size <= bytes.count - 8 else {
      throw MetadataError(.damaged("truncated WebP image: it ends before its size says"))
    }
    self.size = size
    let limit = 8 + size
    var chunks: [Chunk] = []
    var position = 12
    while position + 8 <= limit {
      guard let length = ByteOrder.little.number(4, at: position + 4, of: bytes),
        length <= limit - position - 8
      else {
        throw MetadataError(.damaged("truncated WebP image: it ends inside a chunk"))
      }
      let data = position + 8..<position + 8 + length
      // The last byte may be missing.
      let next = min(data.upperBound + length % 2, limit)
      chunks.append(Chunk(type: Array(bytes[position..<position + 4]), range: position..<next, data: data))
      position = next
    }
    self.chunks = chunks
    end = position
    guard let first = chunks.first,
      [Self.name("VP8 "), Self.name("VP8L"), Self.name("VP8X")].contains(first.type)
    else { throw MetadataError(.damaged("corrupt WebP image: no image chunk follows its header")) }
  }

  private static func name(_ type: String) -> [UInt8] { Array(type.utf8) }

  private func chunk(_ type: String) -> Chunk? { chunks.first { $0.type == Self.name(type) } }

  func xmp() -> [UInt8]? { chunk("XMP ").map { Array(bytes[$0.data]) } }

  func exif() -> [UInt8]? {
    chunk("EXIF").map { chunk in
      let data = bytes[chunk.data]
      // Some programs put a JPEG's header there.
      return Array(data.starts(with: Self.exifPrefix) ? data.dropFirst(Self.exifPrefix.count) : data)
    }
  }

  /// Whether the header doesn't tell of a block of EXIF that is there: told of it, readers would turn the image around.
  private var hidesEXIF: Bool {
    guard chunk("EXIF") != nil, let header = chunk("VP8X"), !header.data.isEmpty else { return false }
    return bytes[header.data.lowerBound] & Flag.exif == 0
  }

  func embedding(_ caption: String, _ options: EmbeddingOptions) throws -> [UInt8] {
    var flags = Flag.xmp
    var edits: [ByteEdit] = []
    if options.writesEXIF, !hidesEXIF {
      flags |= Flag.exif
      let old = chunk("EXIF")
      let prefix = old.map { bytes[$0.data].starts(with: Self.exifPrefix) } == true ? Self.exifPrefix : []
      edits.append(edit("EXIF", prefix + (try newEXIF(caption)), before: chunk("XMP ")?.range.lowerBound))
    }
    edits.append(edit("XMP ", try newXMP(caption, options.properties), before: nil))
    edits.append(try headerEdit(flags))
    // A last chunk without its even byte gets it, because others follow.
    if !end.isMultiple(of: 2), edits.contains(where: { $0.range == end..<end }) {
      edits.insert(ByteEdit(insert: [0], at: end), at: 0)
    }
    let size = size + edits.reduce(0) { $0 + $1.growth }
    guard size <= Int(UInt32.max) - 1 else {
      throw MetadataError(.tooLarge("a WebP image has at most 4 GiB"))
    }
    edits.append(ByteEdit(4..<8, ByteOrder.little.bytes(size, 4)))
    return edits.applied(to: bytes)
  }

  /// A chunk in the place of the one of its type, or a new one: before another, else behind all.
  private func edit(_ type: String, _ data: [UInt8], before next: Int?) -> ByteEdit {
    let chunk =
      Self.name(type) + ByteOrder.little.bytes(data.count, 4) + data + (data.count % 2 == 0 ? [] : [0])
    let position = next ?? end
    return ByteEdit(self.chunk(type)?.range ?? position..<position, chunk)
  }

  /// Sets flags in the extended header; a simple file gets one, with the size and transparency of its image.
  private func headerEdit(_ flags: UInt8) throws -> ByteEdit {
    let first = chunks[0]
    if first.type == Self.name("VP8X") {
      let position = first.data.lowerBound
      guard first.data.count >= 10 else {
        throw MetadataError(.damaged("corrupt WebP image: its header is too short"))
      }
      return ByteEdit(position..<position + 1, [bytes[position] | flags])
    }
    guard let image = first.type == Self.name("VP8L") ? losslessImage(first) : lossyImage(first) else {
      throw MetadataError(.damaged("corrupt WebP image: its image chunk has no header"))
    }
    let header =
      [flags | (image.hasAlpha ? Flag.alpha : 0), 0, 0, 0] + ByteOrder.little.bytes(image.width - 1, 3)
      + ByteOrder.little.bytes(image.height - 1, 3)
    return ByteEdit(insert: Self.name("VP8X") + ByteOrder.little.bytes(header.count, 4) + header, at: 12)
  }

  private typealias Image = (width: Int, height: Int, hasAlpha: Bool)

  /// A frame tag, a start code, and 14 bits each of width and height.
  private func lossyImage(_ chunk: Chunk) -> Image? {
    let data = bytes[chunk.data]
    guard data.dropFirst(3).starts(with: [0x9D, 0x01, 0x2A]),
      let width = ByteOrder.little.number(2, at: 6, of: data),
      let height = ByteOrder.little.number(2, at: 8, of: data),
      width & 0x3FFF > 0, height & 0x3FFF > 0
    else { return nil }
    return (width & 0x3FFF, height & 0x3FFF, false)
  }

  /// A signature, 14 bits each of width and height less one, and a bit for transparency.
  private func losslessImage(_ chunk: Chunk) -> Image? {
    let data = bytes[chunk.data]
    guard data.first == 0x2F, let bits = ByteOrder.little.number(4, at: 1, of: data) else { return nil }
    return (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1, bits >> 28 & 1 == 1)
  }
}
