package import Foundation

/// A file that appears under its final name only when it is complete.
///
/// Bytes go to a file beside the final name; `commit` syncs it to the disk, renames it and syncs the folder.
/// A process killed at any moment leaves either the old file or the new one. A value that goes away without
/// `commit` removes what it wrote. Where the name is a link, the file that it leads to is replaced.
package final class AtomicFile {
  package let url: URL
  /// How many bytes were appended so far.
  package private(set) var count = 0

  private let temporaryPath: String
  private var descriptor: CInt

  /// Starts a file that will be at `url`, whose folder must exist.
  package init(at url: URL) throws {
    // A link stays one.
    let url = FileSystem.resolvingLinks(url)
    self.url = url
    temporaryPath = TemporaryName.beside(url).path
    descriptor = FileSystem.open(temporaryPath, O_RDWR | O_CREAT | O_EXCL)
    if descriptor < 0 { throw SystemError("write", url.path) }
    // As long as this process lives, nobody takes it for a leftover.
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    _ = FileSystem.unlink(temporaryPath)
  }

  /// Appends `bytes`.
  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    try write(bytes, at: count)
    count += bytes.count
  }

  /// Appends `bytes`.
  package func write(_ bytes: some ContiguousBytes) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Overwrites what was written at `offset` before, for a value that is known only later.
  package func overwrite(_ bytes: some ContiguousBytes, at offset: Int) throws {
    try bytes.withUnsafeBytes {
      precondition(offset >= 0 && offset + $0.count <= count, "only written bytes can be overwritten")
      try write($0, at: offset)
    }
  }

  /// Gives the file the permissions and, where that is allowed, the owner of the one whose place it will take.
  ///
  /// - Parameter keepsTime: whether it also gets the time when that one was last changed.
  /// - Throws: `SystemError` where permissions can't be set.
  package func takeAttributes(of status: stat, keepsTime: Bool) throws {
    precondition(descriptor >= 0, "nothing is changed after commit")
    // Only root may give a file to somebody else; one's own group is tried at least.
    if fchown(descriptor, status.st_uid, status.st_gid) != 0 {
      _ = fchown(descriptor, uid_t.max, status.st_gid)
    }
    guard fchmod(descriptor, status.st_mode & 0o7777) == 0 else { throw SystemError("write", url.path) }
    guard keepsTime else { return }
    #if os(Linux)
      var times = [status.st_atim, status.st_mtim]
    #else
      var times = [status.st_atimespec, status.st_mtimespec]
    #endif
    guard futimens(descriptor, &times) == 0 else { throw SystemError("write", url.path) }
  }

  /// Makes the file durable and gives it its name.
  package func commit() throws {
    precondition(descriptor >= 0, "a file is committed once")
    guard fsync(descriptor) == 0 else { throw SystemError("write", url.path) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, FileSystem.rename(temporaryPath, to: url.path) else {
      let error = SystemError("write", url.path)
      _ = FileSystem.unlink(temporaryPath)
      throw error
    }
    try FolderSync.sync(url.deletingLastPathComponent())
  }

  /// Writes `contents` to `url`, all or nothing; a device or a pipe gets them as they come.
  ///
  /// - Throws: `SystemError`.
  package static func write(_ contents: some ContiguousBytes, to url: URL) throws {
    if let kind = FileSystem.kind(of: url.path), kind != S_IFREG, kind != S_IFDIR {
      return try contents.withUnsafeBytes { try append($0, toDeviceAt: url) }
    }
    let file = try AtomicFile(at: url)
    try file.write(contents)
    try file.commit()
  }

  /// Removes the file at `url`, if there is one.
  ///
  /// - Throws: `SystemError`, for a folder too: nobody meant its contents.
  package static func remove(_ url: URL) throws {
    guard !FileSystem.unlink(url.path), errno != ENOENT, errno != ENOTDIR else { return }
    throw SystemError("remove", url.path)
  }

  private static func append(_ bytes: UnsafeRawBufferPointer, toDeviceAt url: URL) throws {
    let descriptor = FileSystem.open(url.path, O_WRONLY)
    guard descriptor >= 0 else { throw SystemError("write", url.path) }
    defer { close(descriptor) }
    try SequentialWrite.write(bytes, to: descriptor, path: url.path)
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    precondition(descriptor >= 0, "nothing is written after commit")
    var done = 0
    while done < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
      let written = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw SystemError("write", url.path) }
      done += written
    }
  }
}

/// Writing to what is open for appending, or has no positions: a log, a pipe, a device.
package enum SequentialWrite {
  /// Writes all of `bytes`.
  ///
  /// - Parameter path: what the error calls it.
  /// - Throws: `SystemError`.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Foundation.write(descriptor, part.baseAddress, part.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw SystemError("write", path) }
      rest = rest.dropFirst(written)
    }
  }
}

/// Names for things that aren't finished.
package enum TemporaryName {
  /// A name of its own in the folder of `url`, hidden, and telling what it was meant to become.
  package static func beside(_ url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
  }

  /// Removes what processes that were killed left half-written of the file at `url`; what others are writing stays.
  package static func sweepAbandoned(of url: URL) {
    let url = FileSystem.resolvingLinks(url)
    sweepAbandoned(in: url.deletingLastPathComponent(), of: url.lastPathComponent)
  }

  /// The same of all files in a folder.
  ///
  /// - Parameter name: the only file that is meant; nil for all.
  package static func sweepAbandoned(in folder: URL, of name: String? = nil) {
    let start = name.map { ".\($0)." }
    let names = (try? FileName.list(folder.path)) ?? []
    for name in names where isTemporary(name) && isMeant(name, start) {
      let file = folder.appendingPathComponent(name)
      let descriptor = FileSystem.open(file.path, O_RDONLY | O_NONBLOCK)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { _ = FileSystem.unlink(file.path) }
    }
  }

  /// Whether nothing but what makes a name temporary follows `start`.
  private static func isMeant(_ name: String, _ start: String?) -> Bool {
    guard let start else { return true }
    return name.utf8.starts(with: start.utf8)
      && name.utf8.count == start.utf8.count + "0A1B2C3D.partial".utf8.count
  }

  private static func isTemporary(_ name: String) -> Bool {
    // Other programs may have hidden files of that ending, too.
    name.wholeMatch(of: /\.[\s\S]+\.[0-9A-F]{8}\.partial/) != nil
  }

  /// Removes what a process that was killed left half-written in `folder`, whose only writer the caller is.
  package static func sweep(_ folder: URL) {
    let names = (try? FileName.list(folder.path)) ?? []
    for name in names where isTemporary(name) {
      try? FileSystem.remove(folder.appendingPathComponent(name))
    }
  }
}
