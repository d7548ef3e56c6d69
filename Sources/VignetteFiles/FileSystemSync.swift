package import Foundation

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
      let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
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
