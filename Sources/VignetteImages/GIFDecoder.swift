/// Decodes the first frame of a GIF on its canvas.
///
/// What the frame leaves free shows the frame's transparent colour, or else colour 0.
enum GIFDecoder {
  static func decode(_ bytes: [UInt8], maximumPixels: Int) throws -> RGBImage {
    var reader = ByteReader(bytes, format: .gif)
    let screen = try Screen(&reader)
    let frame = try Frame(&reader, screen: screen)
    let width = max(screen.width, frame.x + frame.width)
    let height = max(screen.height, frame.y + frame.height)
    try ImageDecoder.checkSize(width: width, height: height, maximumPixels: maximumPixels, format: .gif)
    guard frame.width > 0, frame.height > 0 else {
      throw ImageError.corrupt(format: "GIF", reason: "its first frame is empty")
    }
    let indices = try LZWDecoder.decode(
      &reader, minimumCodeSize: frame.minimumCodeSize, count: frame.width * frame.height)

    var canvas = [UInt8](repeating: frame.transparentIndex ?? 0, count: width * height)
    for (row, y) in frame.rowOrder.enumerated() {
      let start = (frame.y + y) * width + frame.x
      canvas.replaceSubrange(
        start..<start + frame.width, with: indices[row * frame.width..<(row + 1) * frame.width])
    }
    return RGBImage(width: width, height: height, indices: canvas, palette: frame.palette)
  }

  /// The logical screen and the palette that frames share.
  private struct Screen {
    let width: Int
    let height: Int
    let palette: Palette

    init(_ reader: inout ByteReader) throws {
      _ = try reader.read(6)
      width = Int(try reader.readLittleEndian(UInt16.self))
      height = Int(try reader.readLittleEndian(UInt16.self))
      let flags = try reader.readUInt8()
      _ = try reader.read(2)
      palette = flags & 0x80 != 0 ? try readPalette(&reader, flags: flags) : .greys
    }
  }

  /// The first frame's place, colours and coding, up to its image data.
  private struct Frame {
    let x: Int
    let y: Int
    let width: Int
    let height: Int
    let isInterlaced: Bool
    let palette: Palette
    let transparentIndex: UInt8?
    let minimumCodeSize: Int

    init(_ reader: inout ByteReader, screen: Screen) throws {
      var transparentIndex: UInt8?
      scan: while true {
        switch try reader.readUInt8() {
        case UInt8(ascii: ","): break scan
        case UInt8(ascii: ";"):
          throw ImageError.corrupt(format: "GIF", reason: "it holds no frame")
        case UInt8(ascii: "!"):
          if let index = try readExtension(&reader) { transparentIndex = index }
        default: continue  // stray bytes
        }
      }
      x = Int(try reader.readLittleEndian(UInt16.self))
      y = Int(try reader.readLittleEndian(UInt16.self))
      width = Int(try reader.readLittleEndian(UInt16.self))
      height = Int(try reader.readLittleEndian(UInt16.self))
      let flags = try reader.readUInt8()
      isInterlaced = flags & 0x40 != 0
      palette = flags & 0x80 != 0 ? try readPalette(&reader, flags: flags) : screen.palette
      self.transparentIndex = transparentIndex
      minimumCodeSize = Int(try reader.readUInt8())
    }

    /// The rows in the order in which they are stored.
    var rowOrder: [Int] {
      guard isInterlaced else { return Array(0..<height) }
      return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { start, step in
        Array(stride(from: start, to: height, by: step))
      }
    }
  }

  private static func readPalette(_ reader: inout ByteReader, flags: UInt8) throws -> Palette {
    Palette(rgb: try reader.read(3 << (Int(flags & 7) + 1)))
  }

  /// Skips an extension block; a graphic control extension may name a transparent colour.
  private static func readExtension(_ reader: inout ByteReader) throws -> UInt8? {
    let isGraphicControl = try reader.readUInt8() == 0xF9
    var transparentIndex: UInt8?
    var isFirst = true
    while case let size = try reader.readUInt8(), size > 0 {
      let block = Array(try reader.read(Int(size)))
      if isGraphicControl, isFirst, block.count >= 4, block[0] & 1 != 0 { transparentIndex = block[3] }
      isFirst = false
    }
    return transparentIndex
  }
}
