import VignetteFiles

/// Reads a file from front to back in large pieces.
struct ChunkReader {
  private(set) var offset: Int
  private var chunk: [UInt8] = []
  /// Where in the chunk `offset` is.
  private var position = 0

  static let chunkSize = 1 << 18

  init(at offset: Int) { self.offset = offset }

  /// The next `count` bytes, without going past them; fewer at the file's end.
  mutating func peek(_ count: Int, in file: borrowing GrowingFile) throws -> [UInt8] {
    try fill(count, in: file)
    return Array(chunk[position..<min(position + count, chunk.count)])
  }

  mutating func skip(_ count: Int) {
    position += count
    offset += count
  }

  /// What `find` finds in the bytes ahead: it is shown more of them, up to `limit`, until it does; nil where it never does.
  mutating func first<Found>(
    in file: borrowing GrowingFile, limit: Int, _ find: (UnsafeRawBufferPointer) throws -> Found?
  ) throws -> Found? {
    while true {
      let rest = chunk.count - position
      if rest > 0 {
        let found = try chunk.withUnsafeBytes { try find(UnsafeRawBufferPointer(rebasing: $0[position...])) }
        if let found { return found }
      }
      let ahead = file.count - offset
      guard rest < ahead, rest < limit else { return nil }
      chunk = try file.bytes(at: offset, count: min(ahead, max(Self.chunkSize, 2 * rest)))
      position = 0
    }
  }

  private mutating func fill(_ count: Int, in file: borrowing GrowingFile) throws {
    guard chunk.count - position < count else { return }
    chunk = try file.bytes(at: offset, count: max(count, Self.chunkSize))
    position = 0
  }
}
