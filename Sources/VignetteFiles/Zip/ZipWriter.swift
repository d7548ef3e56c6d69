/// Writes a zip archive of entries stored as they are, each starting at a multiple of 64 bytes as PyTorch's do.
///
/// Sizes and offsets beyond 32 bits go into the 64-bit extension.
package struct ZipWriter {
  private struct Entry {
    let name: String
    let size: Int
    let headerOffset: Int
    var checksum: UInt32 = 0
  }

  private let file: AtomicFile
  private var entries: [Entry] = []

  private static let alignment = 64
  private static let limit32 = 0xFFFF_FFFF
  /// The first of January 1980, zip's first day: files with the same contents are the same.
  private static let date: UInt16 = 0x21

  package init(_ file: AtomicFile) { self.file = file }

  /// Appends an entry of `size` bytes, which `produce` hands on in any number of pieces.
  package mutating func add(
    _ name: String, size: Int,
    _ produce: (_ write: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    var entry = Entry(name: name, size: size, headerOffset: file.count)
    try file.write(localHeader(entry))
    let start = file.count
    var crc = CRC32()
    try produce {
      crc.update($0)
      try file.write($0)
    }
    precondition(file.count - start == size, "entry \(name) has the size that was announced")
    entry.checksum = crc.value
    try file.overwrite(Bytes(crc.value).array, at: entry.headerOffset + 14)
    entries.append(entry)
  }

  package mutating func add(_ name: String, _ contents: [UInt8]) throws {
    try add(name, size: contents.count) { write in try contents.withUnsafeBytes { try write($0) } }
  }

  /// Appends the directory.
  package func finish() throws {
    let start = file.count
    for entry in entries { try file.write(directoryEntry(entry)) }
    let size = file.count - start
    let end64 = file.count

    var end = Bytes()
    end.append(UInt32(0x0606_4B50), UInt64(44), UInt16(45), UInt16(45), UInt32(0), UInt32(0))
    end.append(UInt64(entries.count), UInt64(entries.count), UInt64(size), UInt64(start))
    end.append(UInt32(0x0706_4B50), UInt32(0), UInt64(end64), UInt32(1))
    let count = UInt16(clamping: entries.count)
    end.append(UInt32(0x0605_4B50), UInt16(0), UInt16(0), count, count)
    end.append(UInt32(clamping: size), UInt32(clamping: start), UInt16(0))
    try file.write(end.array)
  }

  private func localHeader(_ entry: Entry) -> [UInt8] {
    var extra = Bytes()
    if entry.size >= Self.limit32 {
      extra.append(UInt16(1), UInt16(16), UInt64(entry.size), UInt64(entry.size))
    }
    // An extra field of PyTorch's own kind ("FB") fills up to the alignment.
    let unpadded = entry.headerOffset + 30 + entry.name.utf8.count + extra.array.count + 4
    let padding = (Self.alignment - unpadded % Self.alignment) % Self.alignment
    extra.append(UInt16(0x4246), UInt16(padding))
    extra.append(contentsOf: repeatElement(UInt8(ascii: "Z"), count: padding))

    let size = UInt32(clamping: entry.size)
    var header = Bytes()
    header.append(UInt32(0x0403_4B50), Self.version(entry), Self.utf8Names, UInt16(0), UInt16(0), Self.date)
    header.append(UInt32(0), size, size, UInt16(entry.name.utf8.count), UInt16(extra.array.count))
    header.append(contentsOf: entry.name.utf8)
    header.append(contentsOf: extra.array)
    return header.array
  }

  private func directoryEntry(_ entry: Entry) -> [UInt8] {
    var fields = Bytes()
    if entry.size >= Self.limit32 { fields.append(UInt64(entry.size), UInt64(entry.size)) }
    if entry.headerOffset >= Self.limit32 { fields.append(UInt64(entry.headerOffset)) }
    var extra = Bytes()
    if !fields.array.isEmpty { extra.append(UInt16(1), UInt16(fields.array.count)) }
    extra.append(contentsOf: fields.array)

    let size = UInt32(clamping: entry.size)
    var header = Bytes()
    header.append(UInt32(0x0201_4B50), UInt16(45), Self.version(entry), Self.utf8Names, UInt16(0), UInt16(0))
    header.append(Self.date, entry.checksum, size, size)
    header.append(UInt16(entry.name.utf8.count), UInt16(extra.array.count), UInt16(0), UInt16(0), UInt16(0))
    header.append(UInt32(0), UInt32(clamping: entry.headerOffset))
    header.append(contentsOf: entry.name.utf8)
    header.append(contentsOf: extra.array)
    return header.array
  }

  /// Flag 11: names are UTF-8.
  private static let utf8Names: UInt16 = 0x0800

  // 4.5 brought 64-bit sizes.
  private static func version(_ entry: Entry) -> UInt16 { entry.size >= limit32 ? 45 : 10 }
}

/// Little-endian numbers, one after the other.
private struct Bytes {
  private(set) var array: [UInt8] = []

  init(_ values: any FixedWidthInteger...) { for value in values { appendOne(value) } }

  mutating func append(_ values: any FixedWidthInteger...) { for value in values { appendOne(value) } }

  mutating func append(contentsOf bytes: some Sequence<UInt8>) { array.append(contentsOf: bytes) }

  private mutating func appendOne(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { array.append(contentsOf: $0) }
  }
}
