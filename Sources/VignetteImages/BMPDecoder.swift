import VignetteFiles

/// Decodes Windows and OS/2 bitmaps: palettes of 1, 4 and 8 bits, run lengths, and 16, 24 and 32 bits of colour.
enum BMPDecoder {
  static func decode(_ bytes: [UInt8], maximumPixels: Int) throws -> RGBImage {
    var reader = ByteReader(bytes, format: .bmp)
    let header = try BMPHeader(&reader)
    try ImageDecoder.checkSize(
      width: header.width, height: header.height, maximumPixels: maximumPixels, format: .bmp)
    guard header.bitsPerPixel <= 8 else {
      let layout = try ColourLayout(header)
      if header.dataOffset != 0 { try reader.seek(to: header.dataOffset) }
      return try readColours(&reader, header, layout)
    }
    let palette = try readPalette(&reader, header)
    if header.dataOffset != 0 { try reader.seek(to: header.dataOffset) }
    let indices = try PixelMemory.of(width: header.width, height: header.height) {
      switch header.compression {
      case .none: try readIndices(&reader, header)
      case .runLength8, .runLength4: try readRuns(&reader, header)
      case .bitFields: throw unsupported("bit fields of \(header.bitsPerPixel) bits per pixel")
      }
    }
    return try RGBImage(width: header.width, height: header.height, indices: indices, palette: palette)
  }

  private static func unsupported(_ reason: String) -> ImageError {
    .unsupported(format: "BMP", reason: reason)
  }

  // MARK: Palettes

  private static func readPalette(_ reader: inout ByteReader, _ header: BMPHeader) throws -> Palette {
    let size = header.paletteEntrySize
    guard (1...65536).contains(header.paletteCount) else {
      throw unsupported("a palette of \(header.paletteCount) colours")
    }
    let entries = try reader.readUp(to: size * header.paletteCount)
    let colours = stride(from: entries.startIndex, to: entries.endIndex - 2, by: size).map { start in
      [entries[start + 2], entries[start + 1], entries[start]]
    }
    // A palette that is a grey ramp as far as it goes stands for the whole ramp.
    let ramp =
      header.paletteCount == 2
      ? [0, 255] : (0..<header.paletteCount).map { UInt8(truncatingIfNeeded: $0) }
    guard colours.elementsEqual(ramp, by: { $0 == [$1, $1, $1] }) else {
      return Palette(rgb: colours.joined())
    }
    guard header.paletteCount <= 2 else { return .greys }
    return Palette(rgb: [0, 0, 0] + [UInt8](repeating: 255, count: 3 * 255))
  }

  // MARK: Palette indices

  /// Reads `height` rows padded to four bytes and calls `body` with the image row and its bytes.
  private static func forEachRow(
    _ reader: inout ByteReader, _ header: BMPHeader, _ body: (Int, ArraySlice<UInt8>) -> Void
  ) throws {
    let bits = header.width * header.bitsPerPixel
    let rowBytes = (bits + 7) / 8
    let padding = (bits + 31) / 32 * 4 - rowBytes
    for line in 0..<header.height {
      body(header.isTopDown ? line : header.height - 1 - line, try reader.read(rowBytes))
      _ = try reader.readUp(to: padding)
    }
  }

  private static func readIndices(_ reader: inout ByteReader, _ header: BMPHeader) throws -> [UInt8] {
    let bits = header.bitsPerPixel
    let perByte = 8 / bits
    let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
    try requireRows(reader, header)
    var indices = try CheckedMemory.bytes(repeating: 0, count: header.width * header.height)
    try forEachRow(&reader, header) { y, row in
      row.withUnsafeBufferPointer { row in
        for x in 0..<header.width {
          let shift = 8 - bits * (x % perByte + 1)
          indices[y * header.width + x] = row[x / perByte] >> shift & mask
        }
      }
    }
    return indices
  }

  /// Throws where the file is too short for its rows, before memory is set aside for them.
  private static func requireRows(_ reader: ByteReader, _ header: BMPHeader) throws {
    let bits = header.width * header.bitsPerPixel
    guard reader.remaining >= (header.height - 1) * ((bits + 31) / 32 * 4) + (bits + 7) / 8 else {
      throw ImageError.truncated(format: "BMP")
    }
  }

  /// Expands run lengths. Skipped pixels have index 0.
  private static func readRuns(_ reader: inout ByteReader, _ header: BMPHeader) throws -> [UInt8] {
    let width = header.width
    let count = width * header.height
    let halves = header.compression == .runLength4
    // Rows in the file's order.
    var indices: [UInt8] = []
    var x = 0
    func append(_ bytes: some Sequence<UInt8>, count: Int) throws {
      try CheckedMemory.reserve(indices.count + count, in: &indices)
      guard halves else { return indices.append(contentsOf: bytes.prefix(count)) }
      indices.append(contentsOf: bytes.lazy.flatMap { [$0 >> 4, $0 & 15] }.prefix(count))
    }
    scan: while indices.count < count {
      guard reader.remaining >= 2 else { break }
      let length = Int(try reader.readUInt8())
      let value = try reader.readUInt8()
      switch (length, value) {
      case (1..., _):
        let run = min(length, max(0, width - x))
        try append(repeatElement(value, count: run), count: run)
        x += run
      case (_, 0):  // end of line
        let missing = (width - indices.count % width) % width
        try append(repeatElement(0, count: missing), count: missing)
        x = 0
      case (_, 1):  // end of image
        break scan
      case (_, 2):  // move right and up
        guard reader.remaining >= 2 else { break scan }
        let right = Int(try reader.readUInt8())
        let up = Int(try reader.readUInt8())
        let skipped = min(count - indices.count, right + up * width)
        try append(repeatElement(0, count: skipped), count: skipped)
        x = indices.count % width
      default:  // pixels as they are, padded to an even offset in the file
        let run = min(count - indices.count, Int(value))
        let literal = try reader.readUp(to: halves ? (run + 1) / 2 : run)
        try append(literal, count: run)
        x += Int(value)
        if reader.offset % 2 != 0 { _ = try reader.readUp(to: 1) }
      }
    }
    guard indices.count >= count else { throw ImageError.truncated(format: "BMP") }
    return try CheckedMemory.bytes(count) { target in
      for line in 0..<header.height {
        let row = header.isTopDown ? line : header.height - 1 - line
        for x in 0..<width { target[row * width + x] = indices[line * width + x] }
      }
    }
  }

  // MARK: Colours

  /// Where a pixel's bytes or bits hold red, green and blue.
  private enum ColourLayout {
    /// The byte of each channel.
    case bytes(red: Int, green: Int, blue: Int)
    /// Sixteen bits: five of red, five or six of green, five of blue.
    case words(greenBits: Int)

    init(_ header: BMPHeader) throws {
      switch (header.bitsPerPixel, header.compression, header.masks) {
      case (16, .none, _), (16, .bitFields, [0x7C00, 0x3E0, 0x1F]): self = .words(greenBits: 5)
      case (16, .bitFields, [0xF800, 0x7E0, 0x1F]): self = .words(greenBits: 6)
      case (24..., .none, _), (24..., .bitFields, [0xFF_0000, 0xFF00, 0xFF]), (32, .bitFields, [0, 0, 0]):
        self = .bytes(red: 2, green: 1, blue: 0)
      case (32, .bitFields, let masks):
        let bytes = masks.map { mask in (0..<4).first { UInt32(0xFF) << (8 * $0) == mask } }
        guard let red = bytes[0], let green = bytes[1], let blue = bytes[2] else { fallthrough }
        self = .bytes(red: red, green: green, blue: blue)
      default:
        throw BMPDecoder.unsupported(
          "\(header.bitsPerPixel) bits per pixel in this compression or bit layout")
      }
    }
  }

  private static func readColours(
    _ reader: inout ByteReader, _ header: BMPHeader, _ layout: ColourLayout
  ) throws -> RGBImage {
    try requireRows(reader, header)
    return try RGBImage(width: header.width, height: header.height) { pixels in
      try forEachRow(&reader, header) { y, row in
        row.withUnsafeBufferPointer { row in
          let start = 3 * y * header.width
          switch layout {
          case .bytes(let red, let green, let blue):
            let size = header.bitsPerPixel / 8
            for x in 0..<header.width {
              pixels[start + 3 * x] = row[size * x + red]
              pixels[start + 3 * x + 1] = row[size * x + green]
              pixels[start + 3 * x + 2] = row[size * x + blue]
            }
          case .words(let greenBits):
            let greenMask = 1 << greenBits - 1
            for x in 0..<header.width {
              let word = Int(row[2 * x]) | Int(row[2 * x + 1]) << 8
              pixels[start + 3 * x] = UInt8((word >> (5 + greenBits) & 31) * 255 / 31)
              pixels[start + 3 * x + 1] = UInt8((word >> 5 & greenMask) * 255 / greenMask)
              pixels[start + 3 * x + 2] = UInt8((word & 31) * 255 / 31)
            }
          }
        }
      }
    }
  }
}

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
