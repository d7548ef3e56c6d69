import VignetteFiles

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
    var (indices, canvas): ([UInt8], [UInt8]) = ([], [])
    try PixelMemory.of(width: width, height: height) {
      indices = try LZWDecoder.decode(
        &reader, minimumCodeSize: frame.minimumCodeSize, count: frame.width * frame.height)
      canvas = try CheckedMemory.bytes(repeating: frame.transparentIndex ?? 0, count: width * height)
    }
    for (row, y) in frame.rowOrder.enumerated() {
      let start = (frame.y + y) * width + frame.x
      canvas.replaceSubrange(
        start..<start + frame.width, with: indices[row * frame.width..<(row + 1) * frame.width])
    }
    return try RGBImage(width: width, height: height, indices: canvas, palette: frame.palette)
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

  /// The first frame's position, colours and coding, up to its image data.
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

/// GIF's variable-width LZW (codes of up to 12 bits, least significant bit first, in blocks of up to 255 bytes).
enum LZWDecoder {
  private static let maximumCodes = 4096

  /// Decodes `count` indices from blocks from the reader's position on.
  ///
  /// - Throws: ``ImageError``, `OutOfMemory`.
  static func decode(
    _ reader: inout ByteReader, minimumCodeSize: Int, count: Int
  ) throws -> [UInt8] {
    guard (0...11).contains(minimumCodeSize) else {
      throw corrupt("its code size is \(minimumCodeSize) bits")
    }
    let clear = 1 << minimumCodeSize
    var codes = CodeReader(reader)
    var table = Table(clear: clear)
    var output = [UInt8]()
    try CheckedMemory.reserve(min(count, 1 << 24), in: &output)
    var previous: Int?

    while output.count < count {
      // No code stands for more.
      if output.capacity - output.count < maximumCodes {
        try CheckedMemory.reserve(output.count + maximumCodes, in: &output)
      }
      let code = try codes.next(bits: table.codeSize)
      if code == clear {
        table.reset()
        previous = nil
        continue
      }
      guard code != clear + 1 else { throw corrupt("its image data ends early") }
      if let last = previous {
        guard code <= table.next else { throw corrupt("its image data holds an unknown code") }
        table.append(code, last: last, to: &output)
      } else {
        guard code < clear else { throw corrupt("its image data begins with an unknown code") }
        output.append(UInt8(truncatingIfNeeded: code))
      }
      previous = code
    }
    output.removeLast(output.count - count)
    return output
  }

  private static func corrupt(_ reason: String) -> ImageError {
    .corrupt(format: "GIF", reason: reason)
  }

  /// The strings that codes stand for, each a shorter string and one more index.
  private struct Table {
    let clear: Int
    /// The first code that stands for nothing yet.
    private(set) var next: Int
    private(set) var codeSize: Int
    private var prefix = [UInt16](repeating: 0, count: maximumCodes)
    private var suffix = [UInt8](repeating: 0, count: maximumCodes)
    private var length = [UInt16](repeating: 1, count: maximumCodes)
    private var first = [UInt8](repeating: 0, count: maximumCodes)

    init(clear: Int) {
      self.clear = clear
      next = clear + 2
      codeSize = clear.trailingZeroBitCount + 1
      for code in 0..<clear {
        suffix[code] = UInt8(truncatingIfNeeded: code)
        first[code] = suffix[code]
      }
    }

    mutating func reset() {
      next = clear + 2
      codeSize = clear.trailingZeroBitCount + 1
    }

    /// Adds the string made of the last one and the first index of this one, and writes this one out.
    mutating func append(_ code: Int, last: Int, to output: inout [UInt8]) {
      if next < maximumCodes {
        prefix[next] = UInt16(last)
        suffix[next] = code == next ? first[last] : first[code]
        first[next] = first[last]
        length[next] = length[last] + 1
        if next == 1 << codeSize - 1, codeSize < 12 { codeSize += 1 }
        next += 1
      }
      let start = output.count
      let end = start + Int(length[code])
      output.append(contentsOf: repeatElement(0, count: end - start))
      var link = code
      var index = end - 1
      while index > start {
        output[index] = suffix[link]
        link = Int(prefix[link])
        index -= 1
      }
      output[start] = first[code]
    }
  }

  /// Takes codes from a chain of blocks.
  private struct CodeReader {
    private var reader: ByteReader
    private var block: ArraySlice<UInt8> = []
    private var bits: UInt32 = 0
    private var bitCount = 0

    init(_ reader: ByteReader) { self.reader = reader }

    mutating func next(bits count: Int) throws -> Int {
      while bitCount < count {
        // A block of no bytes ends the data properly; what follows is read on, as some encoders write too many.
        while block.isEmpty { block = try reader.read(Int(try reader.readUInt8())) }
        bits |= UInt32(block.removeFirst()) << bitCount
        bitCount += 8
      }
      let code = Int(bits & (1 << count - 1))
      bits >>= count
      bitCount -= count
      return code
    }
  }
}
