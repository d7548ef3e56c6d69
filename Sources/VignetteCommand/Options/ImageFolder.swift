import Foundation
import VignetteFiles
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
    if files.isEmpty, problems.isEmpty { problems.append("no images in \(FileName.printed(path))") }
  }

  private mutating func walk(_ folder: String) {
    do {
      for name in try FileName.list(FileName.url(folder).path) where name.utf8.first != UInt8(ascii: ".") {
        add(folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)")
      }
    } catch {
      let error = (error as? SystemError).map { SystemError("read", folder, code: $0.code) } ?? error
      problems.append("\(ErrorLine(error))")
    }
  }

  /// Links are followed to files, not to folders, which could lead back. What can't be looked at may be an image:
  /// reading it will tell.
  private mutating func add(_ path: String) {
    let system = FileName.url(path).path
    if FileSystem.kind(of: system, followingLinks: false) == S_IFDIR { return walk(path) }
    let kind = FileSystem.kind(of: system)
    if kind == S_IFREG || kind == nil { addIfImage(path) }
  }

  private mutating func addIfImage(_ path: String) {
    if ImageFileKind.isImage(named: (path as NSString).lastPathComponent) || Self.beginsAsImage(path) {
      files.append(path)
    }
  }

  private static func beginsAsImage(_ path: String) -> Bool {
    let descriptor = FileSystem.open(FileName.url(path).path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var start = [UInt8](repeating: 0, count: ImageFileKind.signatureSize)
    let count = read(descriptor, &start, start.count)
    return count > 0 && ImageFileKind.isImage(startingWith: Array(start[..<count]))
  }
}
