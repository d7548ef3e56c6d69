import Foundation
import VignetteFiles

/// Which files exist, by listing each folder once: a data set of a hundred thousand images in one folder costs
/// one listing.
struct FolderListing {
  private var names: [String: Set<String>] = [:]

  /// Whether there is something at `path`.
  ///
  /// - Throws: `SystemError` for a folder that is there and can't be read: its files are not to be called missing.
  mutating func contains(_ path: String) throws -> Bool {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    let name = String(path[path.index(after: slash)...])
    if let known = names[folder] { return known.contains(name) }
    let listed = try Self.list(folder)
    names[folder] = listed
    return listed.contains(name)
  }

  /// What is in a folder; nothing where there is none.
  private static func list(_ folder: String) throws -> Set<String> {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if [ENOENT, ENOTDIR, ENAMETOOLONG].contains(errno) { return [] }
      throw SystemError("read the folder", folder)
    }
    close(descriptor)
    return Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }
}
