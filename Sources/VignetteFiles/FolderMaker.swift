package import Foundation

/// Makes folders, and says what stands in the way.
package enum FolderMaker {
  /// Makes the folder at `url`, and those above it, where they aren't there.
  ///
  /// - Throws: `SystemError` with the first path that can't be made.
  package static func make(_ url: URL) throws {
    if isFolder(url) { return }
    if mkdir(url.path, 0o777) == 0 { return }
    switch errno {
    case ENOENT where url.path != "/":
      try make(url.deletingLastPathComponent())
      guard mkdir(url.path, 0o777) == 0 || errno == EEXIST else { throw failure(url) }
    // Another process may have made it meanwhile.
    case EEXIST where isFolder(url): return
    case let code: throw failure(url, code)
    }
  }

  private static func failure(_ url: URL, _ code: CInt = errno) -> SystemError {
    SystemError("create the folder", url.path, code: code)
  }

  private static func isFolder(_ url: URL) -> Bool {
    var status = stat()
    return stat(url.path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
