import Foundation
import VignetteFiles

/// Where a data set lies.
struct DatasetFolder {
  let url: URL
  /// The annotation file that was asked for by name, instead of the one with the usual name.
  let annotations: URL?
  /// Whether images without a file name are of no use.
  let needsFileNames: Bool

  init(_ url: URL, annotations: URL? = nil, needsFileNames: Bool = true) throws {
    guard FileSystem.isFolder(url) else { throw DatasetError.noFolder(url.path) }
    self.url = url
    self.annotations = annotations
    self.needsFileNames = needsFileNames
  }

  /// The first of several files that exists.
  func file(_ names: [String]) -> URL? {
    names.map(url.appendingPathComponent).first { FileSystem.exists($0) }
  }

  /// The annotation file: the one that was asked for, or the first of `names` that exists.
  func annotationFile(_ names: [String], of kind: DatasetKind) throws -> URL {
    if let file = annotations ?? file(names) { return file }
    throw noAnnotations(of: kind, expected: names)
  }

  /// That there is no annotation file: only zip files that nobody unpacked, maybe.
  func noAnnotations(of kind: DatasetKind, expected names: [String]) -> DatasetError {
    let zips = ((try? FileName.list(url.path)) ?? []).filter { $0.lowercased().hasSuffix(".zip") }
    return .noAnnotations(kind, folder: url.path, expected: names, zips: zips.sorted())
  }

  /// The path of the first of several folders that exists, or of the first, so that messages name it.
  func imageFolder(_ names: [String]) -> String {
    let folders = names.map { $0.isEmpty ? url : url.appendingPathComponent($0) }
    return (folders.first(where: FileSystem.isFolder) ?? folders.first ?? url).path
  }
}

/// The image that an annotation names.
struct ImagePath {
  /// The name, without what spells the same one differently: `./a.png`, `sub//a.png`.
  let name: String
  /// Where the file is.
  let path: String

  /// Nil for a name of nothing.
  ///
  /// - Parameter folder: what the name starts from, unless it starts from the root itself.
  init?(_ name: String, in folder: String) {
    let parts = Self.parts(of: name)
    guard parts.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
    let joined = parts.joined(separator: "/")
    self.name = Self.isAbsolute(name) ? "/\(joined)" : joined
    path = Self.isAbsolute(name) ? "/\(joined)" : "\(folder)/\(joined)"
  }

  static func isAbsolute(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: "/") }

  /// The folders of a name, and the file.
  ///
  /// What `..` stands for isn't worked out: behind a link to a folder, it leads elsewhere than its spelling says.
  static func parts(of name: String) -> [Substring] {
    // By bytes: to Swift's characters, a slash with an accent is another one.
    name.utf8.split(separator: UInt8(ascii: "/")).map { Substring($0) }.filter { $0 != "." }
  }
}
