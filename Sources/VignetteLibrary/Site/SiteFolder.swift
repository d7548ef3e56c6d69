import Foundation
import VignetteFiles

/// A website's folder: its pages, and the files that addresses in them mean.
struct SiteFolder {
  /// What an address means.
  enum Target: Hashable {
    /// An image file of the site's, by its path from the folder.
    case file(String)
    /// Something elsewhere, or in the address itself: not of this site's folder.
    case remote
    /// A file that isn't there.
    case missing(String)
    /// A file outside the folder.
    case outside(String)
  }

  let url: URL
  /// Where links in the way have led, with a slash at the end.
  private let realPath: String

  /// - Throws: `SystemError`, `FileError` where there is no such folder.
  init(_ url: URL) throws {
    guard let kind = FileSystem.kind(of: url.path) else { throw SystemError("open", url.path) }
    guard kind == S_IFDIR else { throw FileError(url.path, "is no folder") }
    self.url = url
    let path = FileSystem.resolvingLinks(url).path
    realPath = path.hasSuffix("/") ? path : path + "/"
  }

  func file(_ path: String) -> URL { url.appendingPathComponent(path) }

  // MARK: Pages

  /// Folders of other people's pages.
  private static let skippedFolders: Set = ["node_modules", "bower_components", "vendor", "__MACOSX"]

  /// The paths of all pages from the folder, sorted. Hidden files and folders are skipped, and links to folders aren't followed.
  ///
  /// - Throws: `SystemError` for a folder that can't be read.
  func pages() throws -> [(path: String, kind: PageKind)] {
    var pages: [(path: String, kind: PageKind)] = []
    var folders = [""]
    while let folder = folders.popLast() {
      for name in try FileName.list(folder.isEmpty ? url.path : file(folder).path)
      where name.utf8.first != UInt8(ascii: ".") {
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        switch FileSystem.kind(of: file(path).path, followingLinks: false) {
        case S_IFDIR: if !Self.skippedFolders.contains(name) { folders.append(path) }
        case S_IFREG: if let kind = PageKind(named: name) { pages.append((path, kind)) }
        default: break
        }
      }
    }
    return pages.sorted { $0.path < $1.path }
  }

  // MARK: Addresses

  /// What an address on a page means.
  ///
  /// - Parameters:
  ///   - page: the page's path from the folder.
  ///   - base: the address that others start from, as `<base href>` says.
  func target(of source: [UInt8], on page: String, base: [UInt8]?) -> Target {
    let address = Self.trimmed(source)
    guard !address.isEmpty, !Self.hasScheme(address) else { return .remote }
    var folder = Self.folder(of: Array(FileName.bytes(page)))
    if let base = base.map(Self.trimmed), address.first != UInt8(ascii: "/") {
      guard !Self.hasScheme(base) else { return .remote }
      let path = Self.decoded(Self.path(of: base))
      folder = Self.folder(of: path.first == UInt8(ascii: "/") ? path : folder + path)
    }
    let written = Self.path(of: address)
    guard !written.isEmpty else { return .remote }
    // A file may have a name that only looks as if it were encoded.
    let paths = [Self.decoded(written), written].map { path in
      Self.normalized(path.first == UInt8(ascii: "/") ? path : folder + path)
    }
    guard let first = paths[0], !first.contains(0) else { return .outside(FileName.string(address)) }
    let isAbsolute = written.first == UInt8(ascii: "/")
    for case let path? in paths {
      // Site generators keep what they copy to the root in these.
      for start in isAbsolute ? ["", "static/", "public/"] : [""] {
        if let target = existing(start + FileName.string(path)) { return target }
      }
    }
    return .missing(FileName.string(first))
  }

  /// The file at a path from the folder, unless links lead it elsewhere; nil where there is none.
  private func existing(_ path: String) -> Target? {
    let file = file(path)
    guard FileSystem.kind(of: file.path) == S_IFREG else { return nil }
    return FileSystem.resolvingLinks(file).path.hasPrefix(realPath) ? .file(path) : .outside(path)
  }

  /// Without space around it, and without what browsers leave out inside.
  private static func trimmed(_ address: [UInt8]) -> [UInt8] {
    let rest = address.drop { $0 <= 0x20 }
    let end = rest.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? rest.startIndex
    return rest[..<end].filter { ![0x09, 0x0A, 0x0D].contains($0) }
      .map { $0 == UInt8(ascii: "\\") ? UInt8(ascii: "/") : $0 }
  }

  /// Whether it begins with `https:`, `data:` or `//`.
  private static func hasScheme(_ address: [UInt8]) -> Bool {
    if address.starts(with: "//".utf8) { return true }
    let name = address.prefix { isSchemeByte($0) }
    return name.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
      && address.dropFirst(name.count).first == UInt8(ascii: ":")
  }

  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Without query and fragment.
  private static func path(of address: [UInt8]) -> [UInt8] {
    Array(address.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") })
  }

  /// Up to the last slash, with it.
  private static func folder(of path: [UInt8]) -> [UInt8] {
    path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[...$0]) } ?? []
  }

  /// Each `%E9` as its byte.
  private static func decoded(_ path: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < path.count {
      if path[index] == UInt8(ascii: "%"), index + 2 < path.count, let high = digit(path[index + 1]),
        let low = digit(path[index + 2])
      {
        result.append(high << 4 | low)
        index += 3
      } else {
        result.append(path[index])
        index += 1
      }
    }
    return result
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Without `.` and `..`; nil where these lead out of the folder.
  private static func normalized(_ path: [UInt8]) -> [UInt8]? {
    var parts: [ArraySlice<UInt8>] = []
    for part in path.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual(".".utf8) { continue }
      guard part.elementsEqual("..".utf8) else {
        parts.append(part)
        continue
      }
      guard parts.popLast() != nil else { return nil }
    }
    return Array(parts.joined(separator: [UInt8(ascii: "/")]))
  }
}
