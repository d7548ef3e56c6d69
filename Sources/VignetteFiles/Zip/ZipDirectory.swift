import CVignetteZlib

/// The directory at the end of a zip file (PKWARE's APPNOTE 6.3, with the 64-bit extension).
///
/// Nothing in it is believed before it is held against the size of the file.
package struct ZipDirectory {
  package struct Entry {
    package let name: String
    /// 0 where the contents are stored as they are, 8 where they are deflated.
    package let method: UInt16
    package let checksum: UInt32
    package fileprivate(set) var storedSize: Int
    package fileprivate(set) var size: Int
    fileprivate var headerOffset: Int
    fileprivate let flags: UInt16
    /// Type and permissions as Unix has them, zero if made elsewhere.
    package let mode: UInt16

    package var isFolder: Bool { name.hasSuffix("/") }
    package var isEncrypted: Bool { flags & 1 == 1 }
  }

  package let file: MappedFile
  /// In the order of the directory.
  package let entries: [Entry]
  /// Where the directory starts: all contents lie before it.
  private let offset: Int

  private enum Signature {
    static let localHeader: UInt32 = 0x0403_4B50
    static let entry: UInt32 = 0x0201_4B50
    static let end: UInt32 = 0x0605_4B50
    static let end64: UInt32 = 0x0606_4B50
    static let end64Locator: UInt32 = 0x0706_4B50
  }

  /// - Throws: ``FileError``.
  package init(_ file: MappedFile) throws {
    self.file = file
    do {
      (offset, entries) = try file.withUnsafeBytes(0..<file.count) { bytes in
        let (offset, count) = try Self.locate(bytes, file.path)
        var cursor = try ByteCursor(bytes, at: offset)
        var entries: [Entry] = []
        // No entry takes less than 46 bytes, so a wrong count ends at the end of the file.
        for _ in 0..<count { entries.append(try Self.entry(&cursor, file.path)) }
        return (offset, entries)
      }
    } catch is ByteCursor.EndOfBytes {
      throw FileError(file.path, "the zip directory reaches beyond the file; was it cut off?")
    }
  }

  /// Where the bytes of `entry` lie in the file, as they are stored.
  ///
  /// - Throws: ``FileError``.
  package func contents(of entry: Entry) throws -> Range<Int> {
    do {
      return try file.withUnsafeBytes(0..<offset) { bytes in
        var header = try ByteCursor(bytes, at: entry.headerOffset)
        guard try header.integer() == Signature.localHeader else {
          throw FileError(
            file.path, "zip entry \(entry.name): has no header where the directory says")
        }
        try header.skip(22)
        let (nameSize, extraSize) = (try header.count(UInt16.self), try header.count(UInt16.self))
        try header.skip(nameSize + extraSize)
        let start = header.position
        try header.skip(entry.storedSize)
        return start..<header.position
      }
    } catch is ByteCursor.EndOfBytes {
      throw FileError(
        file.path, "zip entry \(entry.name): reaches beyond the file; was it cut off?")
    }
  }

  private static func locate(
    _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws -> (offset: Int, count: Int) {
    let end = try end(bytes, path)
    var cursor = try ByteCursor(bytes, at: end + 10)
    let count = try cursor.count(UInt16.self)
    try cursor.skip(4)
    let offset = try cursor.count(UInt32.self)

    guard end >= 20 else { return (offset, count) }
    var locator = try ByteCursor(bytes, at: end - 20)
    guard try locator.integer() == Signature.end64Locator else { return (offset, count) }
    try locator.skip(4)
    var end64 = try ByteCursor(bytes, at: try locator.count(UInt64.self))
    guard try end64.integer() == Signature.end64 else {
      throw FileError(path, "the zip file's 64-bit directory is not where it should be")
    }
    try end64.skip(28)
    let count64 = try end64.count(UInt64.self)
    try end64.skip(8)
    return (try end64.count(UInt64.self), count64)
  }

  // The end record is the last thing in the file but for a comment of at most 65,535 bytes.
  private static func end(_ bytes: UnsafeRawBufferPointer, _ path: String) throws -> Int {
    let size = 22
    for position in stride(from: bytes.count - size, through: max(0, bytes.count - size - 0xFFFF), by: -1)
    where bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian == Signature.end {
      let comment = bytes.loadUnaligned(fromByteOffset: position + 20, as: UInt16.self).littleEndian
      if position + size + Int(comment) == bytes.count { return position }
    }
    throw FileError(path, "the zip file has no end; was it cut off?")
  }

  private static func entry(_ cursor: inout ByteCursor, _ path: String) throws -> Entry {
    guard try cursor.integer() == Signature.entry else {
      throw FileError(path, "the zip directory is damaged")
    }
    let madeBy = try cursor.integer(UInt16.self)
    try cursor.skip(2)
    let flags = try cursor.integer(UInt16.self)
    let method = try cursor.integer(UInt16.self)
    try cursor.skip(4)
    let checksum = try cursor.integer(UInt32.self)
    let storedSize = try cursor.count(UInt32.self)
    let size = try cursor.count(UInt32.self)
    let nameSize = try cursor.count(UInt16.self)
    let extraSize = try cursor.count(UInt16.self)
    let commentSize = try cursor.count(UInt16.self)
    try cursor.skip(4)
    let attributes = try cursor.integer(UInt32.self)
    let headerOffset = try cursor.count(UInt32.self)
    guard let name = String(validating: try cursor.take(nameSize), as: UTF8.self) else {
      throw FileError(path, "the name of a zip entry is not valid UTF-8")
    }
    var entry = Entry(
      name: name, method: method, checksum: checksum, storedSize: storedSize, size: size,
      headerOffset: headerOffset, flags: flags, mode: madeBy >> 8 == 3 ? UInt16(attributes >> 16) : 0)
    try read64BitFields(try cursor.take(extraSize), into: &entry)
    try cursor.skip(commentSize)
    return entry
  }

  // Fields too small for their value are all ones; the values follow, in this order, in the extra field 1.
  private static func read64BitFields(_ extra: UnsafeRawBufferPointer, into entry: inout Entry) throws {
    var cursor = try ByteCursor(extra)
    while cursor.position + 4 <= extra.count {
      let identifier = try cursor.integer(UInt16.self)
      let fieldSize = try cursor.count(UInt16.self)
      var field = try ByteCursor(try cursor.take(fieldSize))
      guard identifier == 1 else { continue }
      if entry.size == 0xFFFF_FFFF { entry.size = try field.count(UInt64.self) }
      if entry.storedSize == 0xFFFF_FFFF { entry.storedSize = try field.count(UInt64.self) }
      if entry.headerOffset == 0xFFFF_FFFF { entry.headerOffset = try field.count(UInt64.self) }
    }
  }
}

/// The checksum of zip entries, of bytes that come piece by piece.
package struct CRC32 {
  private var sum: UInt = 0

  package var value: UInt32 { UInt32(truncatingIfNeeded: sum) }

  package init() {}

  package static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    // Without an address, zlib would start anew.
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    sum = crc32_z(sum, start, bytes.count)
  }
}
