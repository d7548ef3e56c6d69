import CVignetteZlib

/// Decompresses a zlib stream piece by piece.
struct Inflater: ~Copyable {
  /// The state is kept behind a pointer since zlib refers back to it.
  private let stream: UnsafeMutablePointer<z_stream>

  init() throws {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let status = inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      stream.deallocate()
      guard status != Z_MEM_ERROR else { throw ImageError(.outOfMemory("decompressing it")) }
      throw ImageError.corrupt(format: "PNG", reason: "its image data can't be decompressed")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decompresses from `input` until it is used up, `output` is full or the stream ends.
  ///
  /// - Returns: How many bytes were taken and written, and whether the stream ended; nil if it is damaged.
  mutating func inflate(
    _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
  ) -> (taken: Int, written: Int, ended: Bool)? {
    let inputCount = min(input.count, Int(UInt32.max))
    let outputCount = min(output.count, Int(UInt32.max))
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = UInt32(outputCount)
    let status = CVignetteZlib.inflate(stream, Z_NO_FLUSH)
    // Any other status, such as the wish for a preset dictionary, would come back forever.
    guard status == Z_OK || status == Z_STREAM_END else { return nil }
    return (
      inputCount - Int(stream.pointee.avail_in), outputCount - Int(stream.pointee.avail_out),
      status == Z_STREAM_END
    )
  }

  /// Decompresses a whole stream of at most `limit` bytes; nil if it is damaged, cut short or longer.
  static func inflate(_ data: ArraySlice<UInt8>, limit: Int) -> [UInt8]? {
    guard var inflater = try? Inflater() else { return nil }
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    return data.withUnsafeBufferPointer { input in
      var rest = input
      while true {
        let step = buffer.withUnsafeMutableBufferPointer { inflater.inflate(rest, into: $0) }
        guard let step, step.taken > 0 || step.written > 0 || step.ended else { return nil }
        output += buffer[..<step.written]
        guard output.count <= limit else { return nil }
        if step.ended { return output }
        rest = UnsafeBufferPointer(rebasing: rest[step.taken...])
      }
    }
  }
}
