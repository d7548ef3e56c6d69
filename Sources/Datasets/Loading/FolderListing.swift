import Foundation

/// Which files exist, by listing each folder once: a data set of a hundred thousand pictures in one folder costs
/// one listing.
struct FolderListing {
  private var names: [String: Set<String>] = [:]

  /// Whether there is something at `path`.
  mutating func contains(_ path: String) -> Bool {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return false }
    let folder = String(path[..<slash])
    let name = String(path[path.index(after: slash)...])
    if let known = names[folder] { return known.contains(name) }
    let listed = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    names[folder] = listed
    return listed.contains(name)
  }
}
