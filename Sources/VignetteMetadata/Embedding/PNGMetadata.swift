import CVignetteZlib

/// The chunks of a PNG, where they stand.
struct PNGChunks {
  struct Chunk {
    let type: [UInt8]
    /// From its length to its checksum.
    let range: Range<Int>
    let data: Range<Int>
  }

  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  let bytes: [UInt8]
  /// Up to the one that ends the image.
  let chunks: [Chunk]

  /// - Throws: ``MetadataError`` for a file that ends inside a chunk, or without an image.
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    var chunks: [Chunk] = []
    var position = Self.signature.count
    while position < bytes.count {
      guard let length = ByteOrder.big.number(4, at: position, of: bytes),
        length <= bytes.count - position - 12
      else {
        throw MetadataError(.damaged("truncated PNG image: it ends inside a chunk"))
      }
      let type = Array(bytes[(position + 4)..<(position + 8)])
      let range = position..<position + length + 12
      chunks.append(Chunk(type: type, range: range, data: position + 8..<position + 8 + length))
      position = range.upperBound
      if type == Array("IEND".utf8) { break }
    }
    guard chunks.contains(where: { $0.type == Array("IDAT".utf8) }) else {
      throw MetadataError(.damaged("truncated PNG image: there is no image data in it"))
    }
    self.chunks = chunks
  }

  func all(_ type: String) -> [Chunk] { chunks.filter { $0.type == Array(type.utf8) } }

  /// Where new chunks belong: before the image data.
  var positionOfNew: Int { all("IDAT").first?.range.lowerBound ?? bytes.count }

  static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(type.utf8) + data
    return ByteOrder.big.bytes(data.count, 4) + content
      + ByteOrder.big.bytes(Int(crc32_z(0, content, content.count)), 4)
  }
}

/// Metadata of a PNG: XMP in an iTXt chunk, EXIF in an eXIf chunk.
///
/// Sources: PNG specification, third edition; XMP specification part 3.
struct PNGMetadata: MetadataContainer {
  private static let keyword = Array("XML:com.adobe.xmp\0".utf8)
  /// A packet that unpacks to more is no caption's.
  private static let maximumPacket = XMLText.maximumBytes

  private let file: PNGChunks

  init(_ bytes: [UInt8]) throws { file = try PNGChunks(bytes) }

  private var xmpChunk: PNGChunks.Chunk? {
    file.all("iTXt").first { file.bytes[$0.data].starts(with: Self.keyword) }
  }

  /// Behind the keyword: whether it is compressed, how, a language, a translated keyword (both end with a zero), the text.
  func xmp() throws -> [UInt8]? {
    guard let chunk = xmpChunk else { return nil }
    let data = file.bytes[chunk.data].dropFirst(Self.keyword.count)
    guard let start = Self.startOfText(data) else {
      throw MetadataError(.damaged("the XMP chunk of the PNG ends before its text"))
    }
    let text = data[start...]
    return data.first == 0 ? Array(text) : try Self.uncompressed(Array(text))
  }

  private static func startOfText(_ data: ArraySlice<UInt8>) -> Int? {
    guard data.count >= 2, let language = data.dropFirst(2).firstIndex(of: 0),
      let keyword = data[(language + 1)...].firstIndex(of: 0)
    else { return nil }
    return keyword + 1
  }

  private static func uncompressed(_ packed: [UInt8]) throws -> [UInt8] {
    var capacity = max(1 << 16, min(8 * packed.count, maximumPacket))
    while true {
      var status = Z_OK
      let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
        var count = UInt(capacity)
        status = uncompress(buffer.baseAddress, &count, packed, UInt(packed.count))
        initialized = status == Z_OK ? Int(count) : 0
      }
      if status == Z_OK { return bytes }
      guard status == Z_BUF_ERROR, capacity < maximumPacket else {
        throw MetadataError(.damaged("the XMP chunk of the PNG can't be unpacked"))
      }
      capacity = min(4 * capacity, maximumPacket)
    }
  }

  func exif() -> [UInt8]? { file.all("eXIf").first.map { Array(file.bytes[$0.data]) } }

  /// Whether EXIF stands in a text, as old programs wrote it: a chunk of EXIF would hide what is there.
  private var hasTextOfEXIF: Bool {
    ["Raw profile type exif", "Raw profile type APP1"].contains { keyword in
      ["tEXt", "zTXt", "iTXt"].contains { type in
        file.all(type).contains { file.bytes[$0.data].starts(with: keyword.utf8) }
      }
    }
  }

  func embedding(_ caption: String, _ options: EmbeddingOptions) throws -> [UInt8] {
    let position = file.positionOfNew
    var edits: [ByteEdit] = []
    if options.writesEXIF, !hasTextOfEXIF {
      let range = file.all("eXIf").first?.range ?? position..<position
      edits.append(ByteEdit(range, PNGChunks.chunk("eXIf", try newEXIF(caption))))
    }
    // Not compressed, so that programs find it that know nothing of PNG; no language, no translated keyword.
    let data = Self.keyword + [0, 0, 0, 0] + (try newXMP(caption, options.properties))
    edits.append(ByteEdit(xmpChunk?.range ?? position..<position, PNGChunks.chunk("iTXt", data)))
    return edits.applied(to: file.bytes)
  }
}
