package import Foundation
import VignetteFiles

/// A lock on a name that other processes ask for too: `flock` on a file that stays there, as Python's `filelock` has it.
package final class FileLock: Sendable {
  private let descriptor: CInt

  /// Nil where somebody else has it.
  ///
  /// - Throws: `SystemError` where the file can't be made.
  package init?(tryingAt url: URL) throws {
    try FolderMaker.make(url.deletingLastPathComponent())
    while true {
      let descriptor = FileSystem.open(url.path, O_RDWR | O_CREAT, mode: 0o664)
      guard descriptor >= 0 else { throw SystemError("lock", url.path) }
      // Other users of a shared cache wait for it, too; it fails for a file of theirs.
      _ = fchmod(descriptor, 0o664)
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        switch errno {
        case EWOULDBLOCK, EINTR:
          close(descriptor)
          return nil
        // Some network file systems have no locks. Contents are checked in any case.
        case ENOSYS, ENOTSUP, ENOLCK, EINVAL: break
        case let code:
          close(descriptor)
          throw SystemError("lock", url.path, code: code)
        }
      }
      // Who held it may have removed the file, and then the lock is on nothing.
      var status = stat()
      if fstat(descriptor, &status) == 0, let current = FileSystem.status(of: url.path),
        current.st_ino == status.st_ino, current.st_dev == status.st_dev
      {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  deinit { close(descriptor) }

  /// Waits until nobody else has it.
  ///
  /// - Parameter waiting: called once where it isn't free.
  static func acquire(_ url: URL, waiting: () -> Void) async throws -> FileLock {
    var hasToldSo = false
    while true {
      if let lock = try FileLock(tryingAt: url) { return lock }
      if !hasToldSo { waiting() }
      hasToldSo = true
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
