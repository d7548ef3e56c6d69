import Foundation
import VignetteFiles

/// Which files exist, by listing each folder once, byte for byte: a data set of a hundred thousand images in one folder costs
/// one listing.
struct FolderListing {
  private var names: [ExactString: Set<ExactString>] = [:]

  /// Whether there is something at `path`.
  ///
  /// - Throws: `SystemError` for a folder that is there and can't be read: its files are not to be called missing.
  mutating func contains(_ path: String) throws -> Bool {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    let name = ExactString(String(path[path.utf8.index(after: slash)...]))
    if let known = names[ExactString(folder)] { return known.contains(name) }
    let listed = try Self.list(folder)
    names[ExactString(folder)] = listed
    return listed.contains(name)
  }

  /// What is in a folder; nothing where there is none.
  private static func list(_ folder: String) throws -> Set<ExactString> {
    do {
      return Set(try FileName.list(folder).map(ExactString.init))
    } catch let error as SystemError where [ENOENT, ENOTDIR, ENAMETOOLONG].contains(error.code) {
      return []
    }
  }
}
