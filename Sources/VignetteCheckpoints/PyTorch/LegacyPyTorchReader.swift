import VignetteFiles

/// Reads the format that PyTorch wrote before 1.6: five pickles (a magic number, a version, the machine's sizes,
/// the object, the keys of its storages) and then the storages, each with its number of elements before it.
struct LegacyPyTorchReader {
  private let file: MappedFile

  /// The magic number's pickle, from its value on: only the protocol before it may vary.
  private static let magic: [UInt8] = [
    0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]
  private static let version = 1001

  static func recognizes(_ file: MappedFile) -> Bool {
    // Protocols 4 and 5 have nine bytes of framing after the two of the protocol.
    [2, 11].contains { file.bytes.dropFirst($0).starts(with: magic) }
  }

  init(_ file: MappedFile) { self.file = file }

  func tensors(isRun: Bool) throws -> [StoredTensor] {
    try file.withUnsafeBytes(0..<file.count) { bytes in
      var unpickler = try Unpickler(bytes, path: file.path)
      _ = try unpickler.read()
      guard case .int(Self.version) = try unpickler.read() else {
        throw FileError(file.path, "has an unknown version of PyTorch's old format")
      }
      try checkByteOrder(try unpickler.read(), in: unpickler)
      let root = try unpickler.read()
      let keys = try unpickler.read()
      let ranges = try storageRanges(keys, in: unpickler)
      return try unpickler.storedTensors(of: root, isRun: isRun, in: file) { storage in
        guard let range = ranges[storage.key] else {
          throw FileError(file.path, "lacks the bytes of storage \(storage.key)")
        }
        return range
      }
    }
  }

  private func checkByteOrder(_ sizes: PickleValue, in unpickler: Unpickler) throws {
    guard case .bool(true)? = unpickler.members(of: sizes)?.first(where: { $0.key == "little_endian" })?.value
    else {
      throw FileError(file.path, "was written on a big-endian machine, which is not supported")
    }
  }

  private func storageRanges(_ keys: PickleValue, in unpickler: Unpickler) throws -> [String: Range<Int>] {
    guard case .list(let index) = keys else {
      throw FileError(file.path, "the list of its storages is damaged")
    }
    let sizes = Dictionary(unpickler.storages.map { ($0.key, $0.elementType?.byteSize ?? 1) }) { first, _ in
      first
    }
    var cursor = unpickler.cursor
    var ranges: [String: Range<Int>] = [:]
    do {
      for case .string(let key) in unpickler.containers[index] {
        let count = try cursor.count(Int64.self)
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: sizes[key] ?? 1)
        guard !overflows else { throw ByteCursor.EndOfBytes() }
        let start = cursor.position
        try cursor.skip(byteCount)
        ranges[key] = start..<cursor.position
      }
    } catch is ByteCursor.EndOfBytes {
      throw FileError(file.path, "ends inside its storages; was it cut off?")
    }
    return ranges
  }
}
