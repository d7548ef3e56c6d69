import Foundation
import VignetteImages

/// The images in a folder and below, hidden ones left out: what is one by its name or by its first bytes, be it of a
/// format that is read or not. Reading those that aren't says so.
struct ImageFolder {
  /// Their paths, sorted.
  private(set) var files: [String] = []
  /// Why there are none, or not all, a line each.
  private(set) var problems: [String] = []

  init(_ path: String) {
    walk(path)
    files.sort()
    if files.isEmpty, problems.isEmpty { problems.append("no images in \(PrintedName(path))") }
  }

  private mutating func walk(_ folder: String) {
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasPrefix(".") {
        add(folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)")
      }
    } catch {
      problems.append("\(ErrorLine(error))")
    }
  }

  /// Links are followed to files, not to folders, which could lead back. What can't be looked at may be an image:
  /// reading it will tell.
  private mutating func add(_ path: String) {
    if Self.kind(path, followingLinks: false) == S_IFDIR { return walk(path) }
    let kind = Self.kind(path, followingLinks: true)
    if kind == S_IFREG || kind == nil { addIfImage(path) }
  }

  private mutating func addIfImage(_ path: String) {
    if ImageFileKind.isImage(named: (path as NSString).lastPathComponent) || Self.beginsAsImage(path) {
      files.append(path)
    }
  }

  private static func beginsAsImage(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path),
      let start = try? file.read(upToCount: ImageFileKind.signatureSize)
    else { return false }
    return ImageFileKind.isImage(startingWith: [UInt8](start))
  }

  /// A type of `stat`'s; nil where the path leads nowhere.
  private static func kind(_ path: String, followingLinks: Bool) -> mode_t? {
    var status = stat()
    let result = followingLinks ? stat(path, &status) : lstat(path, &status)
    return result == 0 ? status.st_mode & S_IFMT : nil
  }
}
