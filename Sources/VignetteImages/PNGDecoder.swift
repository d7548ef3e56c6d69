import VignetteFiles

/// Decodes PNG, and the first image of an animated PNG.
///
/// The container is read here and only its compression is left to zlib, since libpng converts 16-bit samples and
/// judges damaged files otherwise than Pillow does.
enum PNGDecoder {
  /// Where the rows and pixels of a pass lie in the image.
  private struct Pass {
    let x: Int
    let y: Int
    let columnStep: Int
    let rowStep: Int
  }

  private static let wholeImage = [Pass(x: 0, y: 0, columnStep: 1, rowStep: 1)]
  private static let adam7 = [
    Pass(x: 0, y: 0, columnStep: 8, rowStep: 8), Pass(x: 4, y: 0, columnStep: 8, rowStep: 8),
    Pass(x: 0, y: 4, columnStep: 4, rowStep: 8), Pass(x: 2, y: 0, columnStep: 4, rowStep: 4),
    Pass(x: 0, y: 2, columnStep: 2, rowStep: 4), Pass(x: 1, y: 0, columnStep: 2, rowStep: 2),
    Pass(x: 0, y: 1, columnStep: 1, rowStep: 2),
  ]

  /// No byte of a zlib stream stands for more bytes than this.
  private static let maximumExpansion = 1032

  static func decode(
    _ bytes: [UInt8], maximumPixels: Int
  ) throws -> (image: RGBImage, orientation: Orientation) {
    var chunks = try PNGChunkReader(bytes)
    let header = try PNGHeader(&chunks)
    try ImageDecoder.checkSize(
      width: header.width, height: header.height, maximumPixels: maximumPixels, format: .png)
    let rowBytes = (header.width * header.layout.bitsPerPixel + 7) / 8
    guard rowBytes * header.height / maximumExpansion <= chunks.reader.remaining else {
      throw ImageError.truncated(format: "PNG")
    }

    var data = try PNGImageData(chunks)
    let image = try RGBImage(width: header.width, height: header.height) { pixels in
      blank(pixels, header.layout)
      try readImage(&data, header, into: pixels)
    }
    var metadata = header.metadata
    chunks = data.chunks
    while let chunk = try chunks.nextTrailingChunk(), chunk.type != "fcTL" {
      metadata.read(chunk)
    }
    return (image, metadata.metadata.orientation)
  }

  /// Fills the image with what samples of zero stand for.
  private static func blank(_ pixels: UnsafeMutableBufferPointer<UInt8>, _ layout: PNGHeader.Layout) {
    pixels.initialize(repeating: 0)
    guard case .indices(_, let palette) = layout, palette.colours.prefix(3) != [0, 0, 0] else { return }
    for i in pixels.indices { pixels[i] = palette.colours[i % 3] }
  }

  private static func readImage(
    _ data: inout PNGImageData, _ header: PNGHeader, into pixels: UnsafeMutableBufferPointer<UInt8>
  ) throws {
    let bits = header.layout.bitsPerPixel
    let longestRow = (header.width * bits + 7) / 8 + 1
    // This row and the one above, each behind its filter's number.
    let memory = try CheckedMemory.allocate(2 * longestRow)
    defer { CheckedMemory.free(memory) }
    let rows = memory.bindMemory(to: UInt8.self)

    for pass in header.isInterlaced ? adam7 : wholeImage {
      let columns = (header.width - pass.x + pass.columnStep - 1) / pass.columnStep
      guard columns > 0 else { continue }
      let rowLength = (columns * bits + 7) / 8 + 1
      var row = UnsafeMutableBufferPointer(rebasing: rows[..<rowLength])
      var above = UnsafeMutableBufferPointer(rebasing: rows[longestRow..<longestRow + rowLength])
      above.initialize(repeating: 0)
      for y in stride(from: pass.y, to: header.height, by: pass.rowStep) {
        let isLast = try data.read(into: row)
        guard let filter = PNGFilter(rawValue: row[0]) else {
          throw ImageError.corrupt(format: "PNG", reason: "filter \(row[0]) doesn't exist")
        }
        let samples = UnsafeMutableBufferPointer(rebasing: row[1...])
        filter.undo(
          samples, above: UnsafeMutableBufferPointer(rebasing: above[1...]), distance: (bits + 7) / 8)
        let target = pixels[(3 * (y * header.width + pass.x))...]
        write(
          samples, columns, header.layout, to: UnsafeMutableBufferPointer(rebasing: target),
          step: 3 * pass.columnStep)
        // A stream that ends with a row leaves the rest blank, as in Pillow.
        guard !isLast else { return }
        swap(&row, &above)
      }
    }
  }

  /// Writes `count` pixels of a row, `step` bytes apart.
  private static func write(
    _ row: UnsafeMutableBufferPointer<UInt8>, _ count: Int, _ layout: PNGHeader.Layout,
    to pixels: UnsafeMutableBufferPointer<UInt8>, step: Int
  ) {
    switch layout {
    case .samples(let size, let red, let green, let blue):
      for x in 0..<count {
        pixels[step * x] = row[size * x + red]
        pixels[step * x + 1] = row[size * x + green]
        pixels[step * x + 2] = row[size * x + blue]
      }
    case .grey16:
      for x in 0..<count {
        let grey = row[2 * x] == 0 ? row[2 * x + 1] : 255
        for channel in 0..<3 { pixels[step * x + channel] = grey }
      }
    case .indices(let bits, let palette):
      let perByte = 8 / bits
      let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
      palette.colours.withUnsafeBufferPointer { colours in
        for x in 0..<count {
          let shift = 8 - bits * (x % perByte + 1)
          let colour = 3 * Int(row[x / perByte] >> shift & mask)
          for channel in 0..<3 { pixels[step * x + channel] = colours[colour + channel] }
        }
      }
    }
  }
}

/// The decompressed image data of a PNG, read in order.
struct PNGImageData: ~Copyable {
  /// The chunks, read as far as image data was needed.
  private(set) var chunks: PNGChunkReader
  private var inflater: Inflater
  private var input: ArraySlice<UInt8> = []

  init(_ chunks: PNGChunkReader) throws {
    self.chunks = chunks
    inflater = try Inflater()
  }

  /// Fills `output`.
  ///
  /// - Returns: Whether the stream ended with it.
  mutating func read(into output: UnsafeMutableBufferPointer<UInt8>) throws -> Bool {
    var rest = output
    while true {
      while input.isEmpty {
        guard let next = try chunks.nextImageData() else { throw ImageError.truncated(format: "PNG") }
        input = next
      }
      let step = input.withUnsafeBufferPointer { inflater.inflate($0, into: rest) }
      guard let step else {
        throw ImageError.corrupt(format: "PNG", reason: "its compressed image data is damaged")
      }
      input = input.dropFirst(step.taken)
      if step.written == rest.count { return step.ended }
      guard !step.ended else { throw ImageError.truncated(format: "PNG") }
      rest = UnsafeMutableBufferPointer(rebasing: rest[step.written...])
    }
  }
}

/// PNG's row filters: each byte was stored as its difference from a prediction by its neighbours.
enum PNGFilter: UInt8 {
  case none
  case left
  case up
  case average
  case paeth

  /// Turns differences back into bytes, in place.
  ///
  /// - Parameters:
  ///   - row: The row's bytes.
  ///   - above: The bytes of the row before, zeros for the first.
  ///   - distance: The bytes from a pixel to the next, at least one.
  func undo(
    _ row: UnsafeMutableBufferPointer<UInt8>, above: UnsafeMutableBufferPointer<UInt8>, distance: Int
  ) {
    let count = row.count
    let head = min(distance, count)
    switch self {
    case .none: return
    case .left:
      for i in head..<count { row[i] &+= row[i - distance] }
    case .up:
      for i in 0..<count { row[i] &+= above[i] }
    case .average:
      for i in 0..<head { row[i] &+= above[i] / 2 }
      for i in head..<count {
        row[i] &+= UInt8(truncatingIfNeeded: (Int(row[i - distance]) &+ Int(above[i])) / 2)
      }
    case .paeth:
      for i in 0..<head { row[i] &+= above[i] }
      for i in head..<count {
        row[i] &+= Self.nearest(left: row[i - distance], up: above[i], corner: above[i - distance])
      }
    }
  }

  /// The neighbour closest to left + up − corner.
  private static func nearest(left: UInt8, up: UInt8, corner: UInt8) -> UInt8 {
    let (a, b, c) = (Int(left), Int(up), Int(corner))
    let leftDistance = abs(b &- c)
    let upDistance = abs(a &- c)
    let cornerDistance = abs(a &+ b &- 2 &* c)
    if leftDistance <= upDistance && leftDistance <= cornerDistance { return left }
    return upDistance <= cornerDistance ? up : corner
  }
}
