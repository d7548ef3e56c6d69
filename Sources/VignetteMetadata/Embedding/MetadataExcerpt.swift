/// Of an image file what holds metadata, so that reading it doesn't read the pixels: a library is looked through in a moment.
enum MetadataExcerpt {
  /// How much of a JPEG is looked at first; the scans follow what is looked for.
  private static let beginnings = [1 << 16, 1 << 20]

  /// The caption in a file's bytes; nil where there is none.
  ///
  /// - Throws: ``MetadataError`` for a file that is damaged, or of another format.
  static func caption(in file: UnsafeRawBufferPointer) throws -> String? {
    if file.starts(with: PNGChunks.signature) { return try EmbeddedCaption.read(png(file)) }
    if file.starts(with: "RIFF".utf8) { return try EmbeddedCaption.read(riff(file)) }
    // Of what is no JPEG either, the beginning tells.
    guard file.starts(with: [0xFF, 0xD8, 0xFF]) else {
      return try EmbeddedCaption.read(Array(file.prefix(16)))
    }
    for count in beginnings where count < file.count {
      // A beginning that ends among the segments is damaged.
      if let caption = try? EmbeddedCaption.read(Array(file[..<count])) { return caption }
      if (try? JPEGSegments(Array(file[..<count]))) != nil { return nil }
    }
    return try EmbeddedCaption.read(Array(file))
  }

  /// The chunks of a PNG, with one of image data, which is empty.
  private static func png(_ file: UnsafeRawBufferPointer) -> [UInt8] {
    var result = PNGChunks.signature
    var position = result.count
    var hasImage = false
    while let length = ByteOrder.big.number(4, at: position, of: file), length <= file.count - position - 12 {
      let end = position + length + 12
      let type = Array(file[(position + 4)..<(position + 8)])
      if type != Array("IDAT".utf8) {
        result += file[position..<end]
      } else if !hasImage {
        result += PNGChunks.chunk("IDAT", [])
        hasImage = true
      }
      if type == Array("IEND".utf8) { break }
      position = end
    }
    return result
  }

  /// The chunks of a WebP, those of images empty.
  private static func riff(_ file: UnsafeRawBufferPointer) -> [UInt8] {
    var chunks: [UInt8] = []
    var position = 12
    while let length = ByteOrder.little.number(4, at: position + 4, of: file),
      length <= file.count - position - 8
    {
      let type = Array(file[position..<position + 4])
      let isMetadata = ["VP8X", "EXIF", "XMP "].contains { type == Array($0.utf8) }
      let data = isMetadata ? Array(file[(position + 8)..<(position + 8 + length)]) : []
      chunks +=
        type + ByteOrder.little.bytes(data.count, 4) + data + (data.count.isMultiple(of: 2) ? [] : [0])
      position += 8 + length + length % 2
    }
    let kind = file.count >= 12 ? Array(file[8..<12]) : []
    return Array("RIFF".utf8) + ByteOrder.little.bytes(kind.count + chunks.count, 4) + kind + chunks
  }
}
