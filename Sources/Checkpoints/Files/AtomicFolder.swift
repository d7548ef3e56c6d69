import Foundation

/// A folder that appears under its final name only when it is complete.
///
/// Files are written into `workingURL`, beside the final name; `commit` syncs them all to the disk and gives
/// the folder its name, replacing a folder that had it. A value that goes away without `commit` removes what
/// was written.
public final class AtomicFolder {
  public let url: URL
  /// Where the files are written until `commit`.
  public let workingURL: URL
  private var isCommitted = false

  /// Starts a folder that will be at `url`, whose parent must exist.
  public init(at url: URL) throws {
    self.url = url
    workingURL = TemporaryName.beside(url)
    guard mkdir(workingURL.path, 0o777) == 0 else { throw SystemError("create the folder", url.path) }
  }

  deinit {
    if !isCommitted { try? FileManager.default.removeItem(at: workingURL) }
  }

  /// Makes the folder durable and gives it its name.
  public func commit() throws {
    precondition(!isCommitted, "a folder is committed once")
    try FolderSync.syncContents(of: workingURL)
    if rename(workingURL.path, url.path) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST else { throw SystemError("create the folder", url.path) }
      // A folder can't be renamed onto one that holds files; this exchanges the two and removes the old one.
      _ = try FileManager.default.replaceItemAt(url, withItemAt: workingURL)
    }
    isCommitted = true
    try FolderSync.sync(url.deletingLastPathComponent())
  }
}
