import VignetteFiles

/// Reads PyTorch's present format: a zip archive with `NAME/data.pkl` and a file `NAME/data/KEY` per storage.
struct ZipPyTorchReader {
  private let archive: ZipArchive
  private let prefix: String
  private let pickle: Range<Int>

  static func recognizes(_ file: MappedFile) -> Bool {
    file.bytes.starts(with: [0x50, 0x4B, 0x03, 0x04])
  }

  init(_ file: MappedFile) throws {
    archive = try ZipArchive(file)
    let suffix = "data.pkl"
    guard
      let entry = archive.entries.first(where: { $0.name == suffix || $0.name.hasSuffix("/\(suffix)") })
    else { throw MalformedFileError(file.path, "is a zip archive without a data.pkl, which PyTorch's have") }
    prefix = String(entry.name.dropLast(suffix.count))
    pickle = try archive.range(of: entry)
    guard file.withUnsafeBytes(pickle, CRC32.checksum) == entry.checksum else {
      throw MalformedFileError(file.path, "\(entry.name) is damaged: its checksum differs")
    }
    try checkByteOrder()
  }

  func tensors() throws -> [StoredTensor] {
    let file = archive.file
    return try file.withUnsafeBytes(pickle) { bytes in
      var unpickler = try Unpickler(bytes, path: file.path)
      let root = try unpickler.read()
      return try unpickler.storedTensors(of: root, in: file) { storage in
        guard let entry = archive["\(prefix)data/\(storage.key)"] else {
          throw MalformedFileError(file.path, "lacks the bytes of storage \(storage.key)")
        }
        return try archive.range(of: entry)
      }
    }
  }

  private func checkByteOrder() throws {
    guard let entry = archive["\(prefix)byteorder"] else { return }
    let file = archive.file
    let range = try archive.range(of: entry)
    let isLittle = file.withUnsafeBytes(range) { $0.elementsEqual("little".utf8) }
    guard isLittle else {
      throw MalformedFileError(file.path, "was written on a big-endian machine, which is not supported")
    }
  }
}
