/// What the chunks before a PNG's image data say.
struct PNGHeader {
  /// How one row's bytes become pixels.
  enum Layout {
    /// An index into a palette, of 1, 2, 4 or 8 bits; grey of up to 8 bits is a palette of greys.
    case indices(bits: Int, Palette)
    /// Grey of 16 bits, which saturates at 255 as Pillow's does.
    case grey16
    /// Pixels of `size` bytes with the channels at these places; of 16-bit samples, the high byte counts.
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
