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
