/// Reads the orientation from EXIF, whose tags are those of a TIFF file's first directory.
enum EXIF {
  private static let orientationTag = 274

  /// The sizes of the TIFF field types 1 to 13.
  private static let typeSizes = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]

  /// The value of the orientation tag, nil where there is none.
  ///
  /// Faults are treated as Pillow treats them: a value that lies past the end stops the reading, and what was read
  /// before counts.
  static func orientation(in data: [UInt8]) -> Int? {
    var tiff = data[...]
    let prefix = Array("Exif\0\0".utf8)
    for _ in 0..<2 where tiff.starts(with: prefix) { tiff = tiff.dropFirst(prefix.count) }
    var directory = Directory(tiff: Array(tiff))
    return directory?.orientation()
  }

  private struct Directory {
    let tiff: [UInt8]
    let isLittleEndian: Bool
    var offset = 4

    init?(tiff: [UInt8]) {
      self.tiff = tiff
      let littleEndian: [[UInt8]] = [[0x49, 0x49, 0x2A, 0x00], [0x49, 0x49, 0x00, 0x2A]]
      let bigEndian: [[UInt8]] = [[0x4D, 0x4D, 0x00, 0x2A], [0x4D, 0x4D, 0x2A, 0x00]]
      guard (littleEndian + bigEndian).contains(where: tiff.starts(with:)) else { return nil }
      isLittleEndian = tiff[0] == 0x49
      guard let start = read(4) else { return nil }
      offset = start
    }

    /// The next `count` bytes as a number.
    mutating func read(_ count: Int) -> Int? {
      guard offset <= tiff.count - count else { return nil }
      let field = tiff[offset..<offset + count]
      offset += count
      let bytes = isLittleEndian ? Array(field.reversed()) : Array(field)
      return bytes.reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func orientation() -> Int? {
      guard let count = read(2) else { return nil }
      var outOfLine = 0
      for _ in 0..<count {
        guard let tag = read(2), let type = read(2), let length = read(4) else { return nil }
        let valueOffset = offset
        guard let value = read(4) else { return nil }
        guard (1...EXIF.typeSizes.count).contains(type) else { continue }
        let size = length * EXIF.typeSizes[type - 1]
        var start = valueOffset
        if size > 4 {
          outOfLine += size
          guard outOfLine <= tiff.count else { continue }
          guard value <= tiff.count - size else { return nil }
          start = value
        }
        if tag == EXIF.orientationTag, length > 0 {
          return integer(ofType: type, at: start)
        }
      }
      return nil
    }

    /// The first value of an integer type; other types make no orientation, but do keep XMP's from counting.
    private mutating func integer(ofType type: Int, at start: Int) -> Int {
      let integerTypes = [3, 4, 6, 8, 9, 13]
      guard integerTypes.contains(type) else { return 0 }
      offset = start
      return read(EXIF.typeSizes[type - 1]) ?? 0
    }
  }
}
