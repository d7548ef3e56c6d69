import CVignetteZlib

/// What the PNG decoder and encoder share.
enum PNG {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
}

/// Walks the chunks of a PNG.
struct PNGChunkReader {
  struct Chunk {
    let type: String
    let data: ArraySlice<UInt8>
  }

  private(set) var reader: ByteReader

  init(_ bytes: [UInt8]) throws {
    reader = ByteReader(bytes, format: .png)
    try reader.seek(to: PNG.signature.count)
  }

  /// The next chunk of the header, its checksum verified. Image data is left where it is: nil stands for it.
  mutating func nextHeaderChunk() throws -> Chunk? {
    let start = reader.offset
    let (type, length) = try readStart()
    guard type != "IDAT" else {
      try reader.seek(to: start)
      return nil
    }
    let data = try reader.read(length)
    let claimed = try reader.readBigEndian(UInt32.self)
    var checksum = crc32(0, Array(type.utf8), UInt32(type.utf8.count))
    checksum = data.withUnsafeBufferPointer { crc32_z(checksum, $0.baseAddress, $0.count) }
    guard checksum == UInt(claimed) else {
      throw ImageError.corrupt(format: "PNG", reason: "the checksum of its \(type) chunk is wrong")
    }
    return Chunk(type: type, data: data)
  }

  /// The next run of image data, nil where it ends. A run that the file's end cuts short is returned as it is.
  mutating func nextImageData() throws -> ArraySlice<UInt8>? {
    let start = reader.offset
    let (type, length) = try readStart()
    guard type == "IDAT" else {
      try reader.seek(to: start)
      return nil
    }
    let data = try reader.readUp(to: length)
    _ = try reader.readUp(to: 4)
    return data
  }

  /// The next chunk after the image, nil where the file ends or breaks off between chunks.
  mutating func nextTrailingChunk() throws -> Chunk? {
    guard let (type, length) = try? readStart(), type != "IEND" else { return nil }
    let data = try reader.read(length)
    _ = try reader.readUp(to: 4)
    return Chunk(type: type, data: data)
  }

  private mutating func readStart() throws -> (type: String, length: Int) {
    let length = Int(try reader.readBigEndian(UInt32.self))
    let type = try reader.read(4)
    let isWord = type.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isWord else {
      throw ImageError.corrupt(format: "PNG", reason: "a chunk is missing where one is expected")
    }
    return (String(decoding: type, as: UTF8.self), length)
  }
}

/// What the chunks before a PNG's image data say.
struct PNGHeader {
  /// How one row's bytes become pixels.
  enum Layout {
    /// An index into a palette, of 1, 2, 4 or 8 bits; grey of up to 8 bits is a palette of greys.
    case indices(bits: Int, Palette)
    /// Grey of 16 bits, which saturates at 255 as Pillow's does.
    case grey16
    /// Pixels of `size` bytes with the channels at these offsets; of 16-bit samples, the high byte counts.
    case samples(size: Int, red: Int, green: Int, blue: Int)

    /// The bits of one pixel.
    var bitsPerPixel: Int {
      switch self {
      case .indices(let bits, _): bits
      case .grey16: 16
      case .samples(let size, _, _, _): 8 * size
      }
    }
  }

  let width: Int
  let height: Int
  let isInterlaced: Bool
  let layout: Layout
  private(set) var metadata = PNGMetadata()

  /// Reads the chunks up to the image data.
  init(_ chunks: inout PNGChunkReader) throws {
    guard let first = try chunks.nextHeaderChunk(), first.type == "IHDR" else {
      throw Self.corrupt("it doesn't begin with a header chunk")
    }
    var header = ByteReader(first.data, format: .png)
    width = Int(try header.readBigEndian(UInt32.self))
    height = Int(try header.readBigEndian(UInt32.self))
    let depth = Int(try header.readUInt8())
    let colourType = try header.readUInt8()
    _ = try header.readUInt8()
    guard try header.readUInt8() == 0 else { throw Self.corrupt("its filter method is unknown") }
    isInterlaced = try header.readUInt8() != 0

    var palette = Palette(rgb: [])
    while let chunk = try chunks.nextHeaderChunk() {
      switch chunk.type {
      case "PLTE": palette = Palette(rgb: chunk.data)
      case "fcTL": try Self.checkFrame(chunk.data, width: width, height: height)
      case "IEND": throw Self.corrupt("it holds no image data")
      default: metadata.read(chunk)
      }
    }
    layout = try Self.layout(depth: depth, colourType: colourType, palette: palette)
  }

  private static func layout(depth: Int, colourType: UInt8, palette: Palette) throws -> Layout {
    switch (colourType, depth) {
    case (0, 1), (0, 2), (0, 4), (0, 8):
      let top = 1 << depth - 1
      let greys = (0...top).flatMap { repeatElement(UInt8($0 * 255 / top), count: 3) }
      return .indices(bits: depth, Palette(rgb: greys))
    case (0, 16): return .grey16
    case (2, 8): return .samples(size: 3, red: 0, green: 1, blue: 2)
    case (2, 16): return .samples(size: 6, red: 0, green: 2, blue: 4)
    case (3, 1), (3, 2), (3, 4), (3, 8): return .indices(bits: depth, palette)
    case (4, 8): return .samples(size: 2, red: 0, green: 0, blue: 0)
    case (4, 16): return .samples(size: 4, red: 0, green: 0, blue: 0)
    case (6, 8): return .samples(size: 4, red: 0, green: 1, blue: 2)
    case (6, 16): return .samples(size: 8, red: 0, green: 2, blue: 4)
    default: throw corrupt("\(depth) bits per sample in colour type \(colourType) don't exist")
    }
  }

  /// The image data may be an animation's first frame, which has to cover the canvas.
  private static func checkFrame(_ data: ArraySlice<UInt8>, width: Int, height: Int) throws {
    var frame = ByteReader(data, format: .png)
    try frame.seek(to: 4)
    guard try frame.readBigEndian(UInt32.self) == width, try frame.readBigEndian(UInt32.self) == height
    else { throw corrupt("its first frame doesn't cover its canvas") }
  }

  private static func corrupt(_ reason: String) -> ImageError {
    .corrupt(format: "PNG", reason: reason)
  }
}

/// Gathers the chunks of a PNG that may hold EXIF or XMP.
struct PNGMetadata {
  private var exif: [UInt8]?
  private var xmp: [UInt8]?
  /// EXIF as ImageMagick stores it: a text of hexadecimal digits.
  private var hexadecimalEXIF: [UInt8]?

  /// The largest text that is decompressed.
  private static let textLimit = 1 << 20
  /// The largest text of hexadecimal digits that is looked at.
  private static let hexadecimalLimit = 1 << 22

  var metadata: Metadata {
    Metadata(exif: exif ?? hexadecimalEXIF.flatMap(Self.bytes(ofHexadecimal:)), xmp: xmp)
  }

  mutating func read(_ chunk: PNGChunkReader.Chunk) {
    switch chunk.type {
    case "eXIf": exif = Array(chunk.data)
    case "tEXt", "zTXt", "iTXt": readText(chunk)
    default: break
    }
  }

  private mutating func readText(_ chunk: PNGChunkReader.Chunk) {
    guard let (key, rest) = Self.split(chunk.data) else { return }
    let isXMP = key.elementsEqual("XML:com.adobe.xmp".utf8)
    guard isXMP || key.elementsEqual("Raw profile type exif".utf8) else { return }
    guard isXMP || rest.count <= Self.hexadecimalLimit, let text = Self.text(of: chunk.type, rest) else {
      return
    }
    if isXMP { xmp = text } else { hexadecimalEXIF = text }
  }

  /// The text behind the key: plain, compressed, or behind a language and a translated key.
  private static func text(of type: String, _ data: ArraySlice<UInt8>) -> [UInt8]? {
    switch type {
    case "tEXt": return Array(data)
    case "zTXt": return Inflater.inflate(data.dropFirst(), limit: textLimit)
    default:
      guard data.count >= 2, let (_, rest) = split(data.dropFirst(2)), let (_, text) = split(rest) else {
        return nil
      }
      let isCompressed = data[data.startIndex] != 0
      return isCompressed ? Inflater.inflate(text, limit: textLimit) : Array(text)
    }
  }

  /// Splits at the first zero byte.
  private static func split(
    _ data: ArraySlice<UInt8>
  ) -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>)? {
    data.firstIndex(of: 0).map { (data[..<$0], data[($0 + 1)...]) }
  }

  /// Reads the digits from the fourth line on; the lines before are empty, a name and a length.
  private static func bytes(ofHexadecimal text: [UInt8]) -> [UInt8]? {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let digits = lines.dropFirst(3).joined().map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for i in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[i], let low = digits[i + 1] else { return nil }
      bytes.append(UInt8(16 * high + low))
    }
    return bytes
  }
}
