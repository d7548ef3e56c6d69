import Foundation
import VignetteFiles

/// What a reader is given: a few files by their names.
struct Sample: Equatable {
  var files: [(name: String, bytes: [UInt8])]

  init(_ files: [(name: String, bytes: [UInt8])]) { self.files = files }

  /// A single file.
  init(_ name: String, _ bytes: [UInt8]) { files = [(name, bytes)] }

  /// All files of a folder, and below.
  init(contentsOf folder: URL) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    files = try names.compactMap { name in
      let url = folder.appendingPathComponent(name)
      guard (try url.resourceValues(forKeys: [.isDirectoryKey])).isDirectory != true else { return nil }
      return (name, [UInt8](try Data(contentsOf: url)))
    }
  }

  static func == (a: Sample, b: Sample) -> Bool {
    a.files.elementsEqual(b.files) { $0.name == $1.name && $0.bytes == $1.bytes }
  }

  /// Writes the files that `earlier`, which the folder holds, doesn't have likewise, and removes the others. A file is
  /// never changed in place: somebody may still have it mapped.
  func write(to folder: URL, after earlier: Sample? = nil) throws {
    for file in earlier?.files ?? []
    where !files.contains(where: { $0.name == file.name && $0.bytes == file.bytes }) {
      unlink(folder.appendingPathComponent(file.name).path)
    }
    for file in files
    where earlier?.files.contains(where: { $0.name == file.name && $0.bytes == file.bytes }) != true {
      let url = folder.appendingPathComponent(file.name)
      try FolderMaker.make(url.deletingLastPathComponent())
      try Data(file.bytes).write(to: url)
    }
  }
}
