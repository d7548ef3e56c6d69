package import Foundation
package import VignetteFiles

/// A file of tensors that PyTorch's `torch.save` wrote, mapped: a dict of tensors by name, as
/// `pytorch_model.bin` is.
///
/// Both the zip format (PyTorch 1.6 and later) and the older one are read. The pickle inside is read as data: see
/// `Unpickler`. Tensors may share their bytes, and may lie strided in them.
package struct PyTorchFile: Sendable {
  package let file: MappedFile
  /// The tensors in the order of the dict.
  package let tensors: [StoredTensor]

  /// Opens the file at `url`.
  ///
  /// - Parameter isRun: whether it may hold the state of a training run, with the weights in a dict of their own.
  /// - Throws: `CheckpointError` if its pickle asks for anything but data, `FileError` or `SystemError`.
  package init(at url: URL, isRun: Bool = false) throws {
    file = try MappedFile(at: url)
    try GitLFSPointer.refuse(file)
    if ZipPyTorchReader.recognizes(file) {
      tensors = try ZipPyTorchReader(file).tensors(isRun: isRun)
    } else if LegacyPyTorchReader.recognizes(file) {
      tensors = try LegacyPyTorchReader(file).tensors(isRun: isRun)
    } else {
      throw FileError(file.path, "is no file that torch.save wrote, or was cut off")
    }
  }
}

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
    else { throw FileError(file.path, "is a zip archive without a data.pkl, which PyTorch's have") }
    prefix = String(entry.name.dropLast(suffix.count))
    pickle = try archive.range(of: entry)
    guard file.withUnsafeBytes(pickle, CRC32.checksum) == entry.checksum else {
      throw FileError(file.path, "\(entry.name) is damaged: its checksum differs")
    }
    try checkByteOrder()
  }

  func tensors(isRun: Bool) throws -> [StoredTensor] {
    let file = archive.file
    return try file.withUnsafeBytes(pickle) { bytes in
      var unpickler = try Unpickler(bytes, path: file.path)
      let root = try unpickler.read()
      return try unpickler.storedTensors(of: root, isRun: isRun, in: file) { storage in
        guard let entry = archive["\(prefix)data/\(storage.key)"] else {
          throw FileError(file.path, "lacks the bytes of storage \(storage.key)")
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
      throw FileError(file.path, "was written on a big-endian machine, which is not supported")
    }
  }
}

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
        throw FileError(file.path, "the zip archive holds \(entry.name) twice")
      }
    }
    self.positions = positions
  }

  subscript(name: String) -> Entry? { positions[name].map { entries[$0] } }

  /// Where the bytes of `entry` lie in the file.
  func range(of entry: Entry) throws -> Range<Int> {
    func malformed(_ problem: String) -> FileError {
      FileError(file.path, "zip entry \(entry.name): \(problem)")
    }
    guard !entry.isEncrypted else { throw malformed("is encrypted, which PyTorch's files never are") }
    guard entry.method == 0, entry.storedSize == entry.size else {
      throw malformed(
        "is compressed, which PyTorch's files never are; save the weights again with torch.save")
    }
    return try directory.contents(of: entry)
  }
}
