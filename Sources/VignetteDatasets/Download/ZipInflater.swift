import CVignetteZlib

/// Decompresses zip's raw deflate streams.
enum ZipInflater {
  /// Hands the decompressed bytes to `body` piece by piece; false if the stream is damaged or `input` doesn't end
  /// with it.
  static func inflate(
    _ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Bool {
    var stream = z_stream()
    // Negative: a window of 2¹⁵ bytes, and no zlib header.
    let status = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return false }
    defer { inflateEnd(&stream) }

    let capacity = 1 << 18
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    defer { output.deallocate() }
    var consumed = 0
    while true {
      let offered = min(input.count - consumed, Int(UInt32.max))
      stream.next_in = input.baseAddress.map {
        UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
      }
      stream.avail_in = UInt32(offered)
      stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(capacity)
      let status = CVignetteZlib.inflate(&stream, Z_NO_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END else { return false }
      consumed += offered - Int(stream.avail_in)
      try body(UnsafeRawBufferPointer(rebasing: output[..<(capacity - Int(stream.avail_out))]))
      if status == Z_STREAM_END { return consumed == input.count }
    }
  }
}
