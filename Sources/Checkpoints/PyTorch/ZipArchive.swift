/// The directory of a zip archive whose entries are stored as they are, as `torch.save` writes it.
///
/// Nothing in the archive is believed before it is held against the size of the file. The format is PKWARE's
/// APPNOTE 6.3, with its 64-bit extension.
struct ZipArchive {
  struct Entry {
    let name: String
    let checksum: UInt32
    fileprivate let method: UInt16
    fileprivate let flags: UInt16
    fileprivate let storedSize: Int
    fileprivate let size: Int
    fileprivate let headerOffset: Int
  }

  let file: MappedFile
  /// The entries in the order of the directory.
  let entries: [Entry]
  private let positions: [String: Int]

  private enum Signature {
    static let localHeader: UInt32 = 0x0403_4B50
    static let directoryEntry: UInt32 = 0x0201_4B50
    static let end: UInt32 = 0x0605_4B50
    static let end64: UInt32 = 0x0606_4B50
    static let end64Locator: UInt32 = 0x0706_4B50
  }

  init(_ file: MappedFile) throws {
    self.file = file
    do {
      entries = try file.withUnsafeBytes(0..<file.count) { try Self.entries($0, path: file.path) }
    } catch is ByteCursor.EndOfBytes {
      throw MalformedFileError(file.path, "the zip directory reaches beyond the file")
    }
    var positions: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard positions.updateValue(index, forKey: entry.name) == nil else {
        throw MalformedFileError(file.path, "the zip archive holds \(entry.name) twice")
      }
    }
    self.positions = positions
  }

  subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// Where the bytes of `entry` lie in the file.
  func range(of entry: Entry) throws -> Range<Int> {
    func malformed(_ problem: String) -> MalformedFileError {
      MalformedFileError(file.path, "zip entry \(entry.name): \(problem)")
    }
    guard entry.flags & 1 == 0 else { throw malformed("is encrypted, which PyTorch's files never are") }
    guard entry.method == 0, entry.storedSize == entry.size else {
      throw malformed(
        "is compressed, which PyTorch's files never are; save the weights again with torch.save")
    }
    do {
      return try file.withUnsafeBytes(0..<file.count) { bytes in
        var header = try ByteCursor(bytes, at: entry.headerOffset)
        guard try header.integer() == Signature.localHeader else { throw malformed("has no header") }
        try header.skip(22)
        let (nameSize, extraSize) = (try header.count(UInt16.self), try header.count(UInt16.self))
        try header.skip(nameSize + extraSize)
        let start = header.position
        try header.skip(entry.size)
        return start..<start + entry.size
      }
    } catch is ByteCursor.EndOfBytes {
      throw malformed("reaches beyond the file; was it cut off?")
    }
  }

  private static func entries(_ bytes: UnsafeRawBufferPointer, path: String) throws -> [Entry] {
    let directory = try directory(bytes, path: path)
    var cursor = try ByteCursor(bytes, at: directory.offset)
    var entries: [Entry] = []
    // No entry takes less than 46 bytes, so a wrong count ends at the end of the file.
    for _ in 0..<directory.count { entries.append(try entry(&cursor, path: path)) }
    return entries
  }

  private static func directory(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws -> (offset: Int, count: Int) {
    let end = try endPosition(bytes, path: path)
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
      throw MalformedFileError(path, "the zip archive's 64-bit directory is not where it should be")
    }
    try end64.skip(28)
    let count64 = try end64.count(UInt64.self)
    try end64.skip(8)
    return (try end64.count(UInt64.self), count64)
  }

  // The end record is the last thing in the file but for a comment of at most 65,535 bytes.
  private static func endPosition(_ bytes: UnsafeRawBufferPointer, path: String) throws -> Int {
    let size = 22
    var position = bytes.count - size
    while position >= max(0, bytes.count - size - 0xFFFF) {
      if bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self).littleEndian == Signature.end {
        let comment = bytes.loadUnaligned(fromByteOffset: position + 20, as: UInt16.self).littleEndian
        if position + size + Int(comment) == bytes.count { return position }
      }
      position -= 1
    }
    throw MalformedFileError(path, "the zip archive has no end; was it cut off?")
  }

  private static func entry(_ cursor: inout ByteCursor, path: String) throws -> Entry {
    guard try cursor.integer() == Signature.directoryEntry else {
      throw MalformedFileError(path, "the zip directory is damaged")
    }
    try cursor.skip(4)
    let flags = try cursor.integer(UInt16.self)
    let method = try cursor.integer(UInt16.self)
    try cursor.skip(4)
    let checksum = try cursor.integer(UInt32.self)
    var storedSize = try cursor.count(UInt32.self)
    var size = try cursor.count(UInt32.self)
    let nameSize = try cursor.count(UInt16.self)
    let extraSize = try cursor.count(UInt16.self)
    let commentSize = try cursor.count(UInt16.self)
    try cursor.skip(8)
    var headerOffset = try cursor.count(UInt32.self)
    guard let name = String(validating: try cursor.take(nameSize), as: UTF8.self) else {
      throw MalformedFileError(path, "the name of a zip entry is not valid UTF-8")
    }
    try read64BitFields(
      try cursor.take(extraSize), size: &size, storedSize: &storedSize, headerOffset: &headerOffset)
    try cursor.skip(commentSize)
    return Entry(
      name: name, checksum: checksum, method: method, flags: flags, storedSize: storedSize, size: size,
      headerOffset: headerOffset)
  }

  // Fields too small for their value are all ones; the values follow, in this order, in the extra field 1.
  private static func read64BitFields(
    _ extra: UnsafeRawBufferPointer, size: inout Int, storedSize: inout Int, headerOffset: inout Int
  ) throws {
    var cursor = try ByteCursor(extra)
    while cursor.position + 4 <= extra.count {
      let identifier = try cursor.integer(UInt16.self)
      let fieldSize = try cursor.count(UInt16.self)
      var field = try ByteCursor(try cursor.take(fieldSize))
      guard identifier == 1 else { continue }
      if size == 0xFFFF_FFFF { size = try field.count(UInt64.self) }
      if storedSize == 0xFFFF_FFFF { storedSize = try field.count(UInt64.self) }
      if headerOffset == 0xFFFF_FFFF { headerOffset = try field.count(UInt64.self) }
    }
  }
}
