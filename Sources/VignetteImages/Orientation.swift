/// How a stored image is to be turned to stand upright: the values of EXIF's tag 274.
package enum Orientation: Int, Sendable {
  case upright = 1
  case mirrored
  case upsideDown
  case flipped
  case transposed
  case turnedLeft
  case transversed
  case turnedRight

  /// Whether rows become columns.
  var swapsSides: Bool { rawValue >= 5 }
}

extension RGBImage {
  /// The image turned upright.
  ///
  /// - Throws: ``ImageError`` where there isn't enough memory.
  package func oriented(by orientation: Orientation) throws -> RGBImage {
    guard orientation != .upright else { return self }
    let (newWidth, newHeight) = orientation.swapsSides ? (height, width) : (width, height)
    // The source pixel of the target's (0, 0), and the steps to take for one column and one row.
    let right = width - 1
    let bottom = (height - 1) * width
    let (start, column, row) =
      switch orientation {
      case .upright: (0, 1, width)
      case .mirrored: (right, -1, width)
      case .upsideDown: (bottom + right, -1, -width)
      case .flipped: (bottom, 1, -width)
      case .transposed: (0, width, 1)
      case .turnedLeft: (bottom, -width, 1)
      case .transversed: (bottom + right, -width, -1)
      case .turnedRight: (right, width, -1)
      }
    return try RGBImage(width: newWidth, height: newHeight) { target in
      pixels.withUnsafeBufferPointer { source in
        var output = 0
        for y in 0..<newHeight {
          var input = 3 * (start + y * row)
          for _ in 0..<newWidth {
            target[output] = source[input]
            target[output + 1] = source[input + 1]
            target[output + 2] = source[input + 2]
            output += 3
            input += 3 * column
          }
        }
      }
    }
  }
}

/// The parts of a file's metadata that say which way is up.
struct Metadata {
  /// A TIFF structure, possibly behind an `Exif\0\0` prefix.
  var exif: [UInt8]?
  /// An XMP packet.
  var xmp: [UInt8]?

  /// The orientation: EXIF's, or XMP's where EXIF has none. Broken metadata counts as none.
  var orientation: Orientation {
    if let exif, let value = EXIF.orientation(in: exif) {
      return Orientation(rawValue: value) ?? .upright
    }
    return xmp.flatMap(Self.orientation(inXMP:)) ?? .upright
  }

  /// Finds `tiff:Orientation="6"` or `tiff:Orientation>6`.
  private static func orientation(inXMP packet: [UInt8]) -> Orientation? {
    var rest = packet[...]
    while let match = rest.firstRange(of: Array("tiff:Orientation".utf8)) {
      rest = rest[match.upperBound...]
      for delimiter in ["=\"", ">"] where rest.starts(with: delimiter.utf8) {
        guard let digit = rest.dropFirst(delimiter.utf8.count).first else { continue }
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
          return Orientation(rawValue: Int(digit - UInt8(ascii: "0")))
        }
      }
    }
    return nil
  }
}

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
