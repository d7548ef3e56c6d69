/// The headers of a Windows or OS/2 bitmap.
struct BMPHeader {
  enum Compression: UInt32 {
    case none
    case runLength8
    case runLength4
    case bitFields
  }

  let width: Int
  let height: Int
  let isTopDown: Bool
  let bitsPerPixel: Int
  let compression: Compression
  /// The masks of red, green and blue; empty unless the compression is bit fields.
  let masks: [UInt32]
  /// Where the pixels begin.
  let dataOffset: Int
  /// The number of colours in the palette, and the bytes of one.
  let paletteCount: Int
  let paletteEntrySize: Int

  /// Reads the headers and stops before the palette.
  init(_ reader: inout ByteReader) throws {
    try reader.seek(to: 10)
    let claimedOffset = Int(try reader.readLittleEndian(UInt32.self))
    let size = Int(try reader.readLittleEndian(UInt32.self))
    guard [12, 40, 52, 56, 64, 108, 124].contains(size) else {
      throw Self.unsupported("a header of \(size) bytes")
    }
    var header = ByteReader(try reader.read(size - 4), format: .bmp)
    var colours = 0
    var mode = Compression.none
    if size == 12 {
      width = Int(try header.readLittleEndian(UInt16.self))
      height = Int(try header.readLittleEndian(UInt16.self))
      isTopDown = false
      _ = try header.read(2)
      bitsPerPixel = Int(try header.readLittleEndian(UInt16.self))
      paletteEntrySize = 3
    } else {
      width = Int(try header.readLittleEndian(UInt32.self))
      let signedHeight = try header.readLittleEndian(UInt32.self)
      // A negative height means top-down; only small ones are taken for negative.
      isTopDown = signedHeight >> 24 == 0xFF
      height = isTopDown ? Int(~signedHeight) + 1 : Int(signedHeight)
      _ = try header.read(2)
      bitsPerPixel = Int(try header.readLittleEndian(UInt16.self))
      let code = try header.readLittleEndian(UInt32.self)
      guard let known = Compression(rawValue: code) else {
        throw Self.unsupported("compression method \(code)")
      }
      mode = known
      _ = try header.read(12)
      colours = Int(try header.readLittleEndian(UInt32.self))
      paletteEntrySize = 4
    }
    guard [1, 4, 8, 16, 24, 32].contains(bitsPerPixel) else {
      throw Self.unsupported("\(bitsPerPixel) bits per pixel")
    }
    compression = mode
    paletteCount = colours == 0 ? 1 << bitsPerPixel : colours
    masks = compression == .bitFields ? try Self.readMasks(&reader, header: header) : []
    if claimedOffset == 14 + size, bitsPerPixel <= 8 {
      // The offset forgets the palette.
      dataOffset = claimedOffset + paletteEntrySize * paletteCount
    } else {
      dataOffset = claimedOffset
    }
  }

  /// Reads the masks from a long header, or from behind a short one.
  private static func readMasks(_ reader: inout ByteReader, header: ByteReader) throws -> [UInt32] {
    var source = header
    let isInHeader = header.bytes.count >= 48
    if isInHeader { try source.seek(to: 36) } else { source = reader }
    let masks = try (0..<3).map { _ in try source.readLittleEndian(UInt32.self) }
    if !isInHeader { reader = source }
    return masks
  }

  private static func unsupported(_ reason: String) -> ImageError {
    .unsupported(format: "BMP", reason: reason)
  }
}
