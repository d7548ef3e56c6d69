package import Foundation

/// Makes folders, and says what stands in the way.
package enum FolderMaker {
  /// Makes the folder at `url`, and those above it, where they aren't there.
  ///
  /// - Throws: `SystemError` with the first path that can't be made.
  package static func make(_ url: URL) throws {
    if FileSystem.isFolder(url) { return }
    if FileSystem.makeFolder(url.path) { return }
    switch errno {
    case ENOENT where url.path != "/":
      guard let parent = parent(of: url) else { throw failure(url, ENOENT) }
      try make(parent)
      guard FileSystem.makeFolder(url.path) || errno == EEXIST else { throw failure(url) }
    // Another process may have made it meanwhile.
    case EEXIST where FileSystem.isFolder(url): return
    case let code: throw failure(url, code)
    }
  }

  /// The path without its last part, also where that is "..", of which URLs make a longer one.
  private static func parent(of url: URL) -> URL? {
    let parts = FileName.parts(url.path).dropLast()
    if parts.isEmpty { return nil }
    let path = parts.joined(separator: "/")
    return FileName.url(path.isEmpty ? "/" : path, isFolder: true)
  }

  private static func failure(_ url: URL, _ code: CInt = errno) -> SystemError {
    SystemError("create the folder", url.path, code: code)
  }
}

/// Carries names and contents from the system's memory to the disk.
enum FolderSync {
  /// Makes the names inside `folder` durable.
  static func sync(_ folder: URL) throws {
    let descriptor = FileSystem.open(folder.path, O_RDONLY)
    guard descriptor >= 0 else { throw SystemError("open", folder.path) }
    defer { close(descriptor) }
    // Some network file systems refuse to sync a folder; there is nothing to do about it.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw SystemError("write", folder.path)
    }
  }

  /// Makes every file and folder in `folder`, and `folder` itself, durable.
  static func syncContents(of folder: URL) throws {
    for name in try FileName.list(folder.path) {
      let item = folder.appendingPathComponent(name)
      FileSystem.kind(of: item.path, followingLinks: false) == S_IFDIR
        ? try syncContents(of: item) : try sync(item)
    }
    try sync(folder)
  }
}

/// Carries everything that is written on a file system from the system's memory to the disk.
package enum FileSystemSync {
  /// Makes what is in `folders` durable.
  ///
  /// This asks once for each file system. `fsync` would wait for the disk once for each file: with a data set of a
  /// hundred thousand images, for many minutes.
  ///
  /// - Throws: `SystemError` for a folder that can't be opened, and where the disk refuses.
  package static func flush(_ folders: Set<URL>) throws {
    var flushed: Set<dev_t> = []
    for folder in folders {
      let descriptor = FileSystem.open(folder.path, O_RDONLY)
      guard descriptor >= 0 else { throw SystemError("open", folder.path) }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw SystemError("look at", folder.path) }
      guard flushed.insert(status.st_dev).inserted else { continue }
      guard flushFileSystem(of: descriptor) else { throw SystemError("write", folder.path) }
    }
  }

  /// False, with `errno`, where the disk refuses.
  private static func flushFileSystem(of descriptor: CInt) -> Bool {
    #if os(Linux)
      // Glibc's headers hide syncfs from Swift. Where it isn't found, all file systems are waited for.
      guard let symbol = dlsym(nil, "syncfs") else {
        sync()
        return true
      }
      typealias Function = @convention(c) (CInt) -> CInt
      return unsafeBitCast(symbol, to: Function.self)(descriptor) == 0
    #else
      return fsync_volume_np(descriptor, SYNC_VOLUME_FULLSYNC | SYNC_VOLUME_WAIT) == 0
    #endif
  }
}
