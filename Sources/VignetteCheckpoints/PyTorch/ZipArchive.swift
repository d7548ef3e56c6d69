import VignetteFiles

/// A zip archive whose entries are stored as they are, as `torch.save` writes it.
struct ZipArchive {
  typealias Entry = ZipDirectory.Entry

  private let directory: ZipDirectory
  private let positions: [String: Int]

  var file: MappedFile { directory.file }
  /// The entries in the order of the directory.
  var entries: [Entry] { directory.entries }

  init(_ file: MappedFile) throws {
    directory = try ZipDirectory(file)
    var positions: [String: Int] = [:]
    for (index, entry) in directory.entries.enumerated() {
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
    guard !entry.isEncrypted else { throw malformed("is encrypted, which PyTorch's files never are") }
    guard entry.method == 0, entry.storedSize == entry.size else {
      throw malformed(
        "is compressed, which PyTorch's files never are; save the weights again with torch.save")
    }
    return try directory.contents(of: entry)
  }
}
