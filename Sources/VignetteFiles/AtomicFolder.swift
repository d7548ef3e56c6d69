package import Foundation

/// A folder that appears under its final name only when it is complete.
///
/// Files are written into `workingURL`, beside the final name; `commit` syncs them all to the disk and gives
/// the folder its name, replacing a folder that had it. A value that goes away without `commit` removes what
/// was written.
package final class AtomicFolder {
  package let url: URL
  /// Where the files are written until `commit`.
  package let workingURL: URL
  private var isCommitted = false

  /// Starts a folder that will be at `url`, whose parent must exist.
  package init(at url: URL) throws {
    self.url = url
    workingURL = TemporaryName.beside(url)
    guard FileSystem.makeFolder(workingURL.path) else { throw SystemError("create the folder", url.path) }
  }

  deinit {
    if !isCommitted { try? FileSystem.remove(workingURL) }
  }

  /// Makes the folder durable and gives it its name.
  package func commit() throws {
    precondition(!isCommitted, "a folder is committed once")
    try FolderSync.syncContents(of: workingURL)
    if !FileSystem.rename(workingURL.path, to: url.path) {
      guard errno == ENOTEMPTY || errno == EEXIST else { throw SystemError("create the folder", url.path) }
      try replaceExisting()
    }
    isCommitted = true
    try FolderSync.sync(url.deletingLastPathComponent())
  }
  // A folder can't be renamed onto one that holds files: the two are exchanged, and the old one is removed. Where
  // the file system can't do that in one step, a crash between two steps leaves the old folder under another name.
  private func replaceExisting() throws {
    if FolderExchange.exchange(workingURL, url) {
      try FileSystem.remove(workingURL)
      return
    }
    let aside = TemporaryName.beside(url)
    guard FileSystem.rename(url.path, to: aside.path) else {
      throw SystemError("replace the folder", url.path)
    }
    guard FileSystem.rename(workingURL.path, to: url.path) else {
      let error = SystemError("replace the folder", url.path)
      _ = FileSystem.rename(aside.path, to: url.path)
      throw error
    }
    try FileSystem.remove(aside)
  }
}

/// Exchanges two folders in one step.
enum FolderExchange {
  /// Gives each of two folders the other's name; false if the system or the file system can't.
  static func exchange(_ left: URL, _ right: URL) -> Bool {
    #if os(Linux)
      // Glibc's headers hide renameat2 from Swift.
      guard let symbol = dlsym(nil, "renameat2") else { return false }
      typealias Function =
        @convention(c) (
          CInt, UnsafePointer<CChar>, CInt, UnsafePointer<CChar>, CUnsignedInt
        ) -> CInt
      let exchangeFlag: CUnsignedInt = 2
      let exchange = unsafeBitCast(symbol, to: Function.self)
      return FileName.withSystemPath(left.path) { left in
        FileName.withSystemPath(right.path) { exchange(AT_FDCWD, left, AT_FDCWD, $0, exchangeFlag) }
      } == 0
    #else
      return FileName.withSystemPath(left.path) { left in
        FileName.withSystemPath(right.path) { renamex_np(left, $0, UInt32(RENAME_SWAP)) }
      } == 0
    #endif
  }
}
