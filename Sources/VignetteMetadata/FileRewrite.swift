package import Foundation
import VignetteFiles

/// Changes of a file that leave it whole at any moment: the new one is written beside it and takes its name.
package enum FileRewrite {
  /// Replaces a file's bytes by what `change` makes of them; nothing is written where that is the same.
  ///
  /// Permissions stay, and the owner where the system allows it. A link stays one, and what it leads to is changed.
  ///
  /// - Parameters:
  ///   - keepsTime: whether the file keeps the time when it was last changed.
  ///   - maximumBytes: the largest file that is read.
  /// - Returns: whether something was written.
  /// - Throws: `SystemError`; `MetadataError` where another program wrote the file meanwhile, or it is too large; what
  ///   `change` throws.
  @discardableResult
  package static func rewrite(
    _ url: URL, keepsTime: Bool = false, maximumBytes: Int = 1 << 30, _ change: ([UInt8]) throws -> [UInt8]
  ) throws -> Bool {
    let path = url.path
    guard let before = FileSystem.status(of: path) else { throw SystemError("open", path) }
    guard before.st_mode & S_IFMT == S_IFREG else { throw FileError(path, "is no regular file") }
    guard before.st_size <= maximumBytes else {
      throw MetadataError(.tooLarge("has more than \(ByteCount(maximumBytes))"), path: path)
    }
    // Renaming asks for no permission to write the file itself, but its owner may have meant to keep it as it is.
    guard FileName.withSystemPath(path, { access($0, W_OK) }) == 0 else { throw SystemError("write", path) }
    let old = try FileSystem.bytes(url)
    let new: [UInt8]
    do {
      new = try change(old)
    } catch let error as MetadataError {
      throw error.of(path)
    }
    guard new != old else { return false }
    let file = try AtomicFile(at: url)
    try file.write(new)
    try file.takeAttributes(of: before, keepsTime: keepsTime)
    guard let after = FileSystem.status(of: path), after.isSame(as: before) else {
      throw MetadataError(.changedMeanwhile, path: path)
    }
    try file.commit()
    return true
  }
}

extension stat {
  /// Whether a file's contents are, as far as can be seen, those that they were.
  fileprivate func isSame(as other: stat) -> Bool {
    st_ino == other.st_ino && st_size == other.st_size
      && FileSystem.changed(self) == FileSystem.changed(other)
  }
}

extension FileSystem {
  /// All bytes of a file.
  ///
  /// - Throws: `SystemError`, `FileError`.
  static func bytes(_ url: URL) throws -> [UInt8] {
    let file = try MappedFile(at: url)
    try file.requireMemory(of: 4)
    return file.withUnsafeBytes(0..<file.count) { Array($0) }
  }
}
