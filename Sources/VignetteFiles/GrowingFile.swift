package import Foundation

/// A file that grows at its end, for what is too large to be written again when a run is interrupted.
package struct GrowingFile: ~Copyable {
  package let url: URL
  package private(set) var count: Int
  private let descriptor: CInt

  /// Opens the file, or makes an empty one.
  package init(at url: URL) throws {
    self.url = url
    descriptor = FileSystem.open(url.path, O_RDWR | O_CREAT)
    guard descriptor >= 0 else { throw SystemError("write", url.path) }
    count = max(0, Int(lseek(descriptor, 0, SEEK_END)))
  }

  deinit { close(descriptor) }

  /// A file without a name, for what is too large for memory and for this process alone.
  package static func withoutName() throws -> GrowingFile {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory(), isDirectory: true)
    let url = folder.appendingPathComponent("vignette-\(UUID().uuidString)")
    let file = try GrowingFile(at: url)
    try AtomicFile.remove(url)
    return file
  }

  /// Puts `bytes` behind the file's end: all of them, or where there is no room for all, none.
  ///
  /// - Throws: `SystemError`.
  package mutating func append(_ bytes: some ContiguousBytes) throws {
    try bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let written = pwrite(
          descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(count + done))
        if written < 0 && errno == EINTR { continue }
        guard written > 0 else {
          let error = SystemError("write", url.path)
          // What stands there stays whole.
          if done > 0 { _ = ftruncate(descriptor, off_t(count)) }
          throw error
        }
        done += written
      }
      count += done
    }
  }

  /// The bytes at `offset`, at most `count` of them: fewer where the file ends before.
  package borrowing func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      while done < count {
        let read = pread(
          descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
        if read < 0 && errno == EINTR { continue }
        guard read >= 0 else { throw SystemError("read", url.path) }
        if read == 0 { return }
        done += read
      }
    }
  }

  /// Cuts the file off behind so many bytes.
  package mutating func truncate(to byteCount: Int = 0) throws {
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      throw SystemError("write", url.path)
    }
    count = byteCount
  }

  package borrowing func sync() throws {
    guard fsync(descriptor) == 0 else { throw SystemError("write", url.path) }
  }

  /// Whether the file's name still leads to it; no longer where another file has taken it.
  package var hasItsName: Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0, let named = FileSystem.status(of: url.path) else { return false }
    return named.st_ino == status.st_ino && named.st_dev == status.st_dev
  }

  /// Keeps other processes that ask for it out until the file is closed; false where one has it already.
  package borrowing func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
}
