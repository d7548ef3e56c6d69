import CVignetteZlib

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

  /// The next chunk of the header, its checksum verified. ImageSource data is left in place: nil stands for it.
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
