import Foundation

/// Carries names and contents from the system's memory to the disk.
enum FolderSync {
  /// Makes the names inside `folder` durable.
  static func sync(_ folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError("open", folder.path) }
    defer { close(descriptor) }
    // Some network file systems refuse to sync a folder; there is nothing to do about it.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw SystemError("write", folder.path)
    }
  }

  /// Makes every file and folder in `folder`, and `folder` itself, durable.
  static func syncContents(of folder: URL) throws {
    let contents = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    while let item = contents?.nextObject() as? URL { try sync(item) }
    try sync(folder)
  }
}
