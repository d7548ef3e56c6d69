import Foundation

/// Where a data set lies.
struct DatasetFolder {
  let url: URL
  /// The annotation file that was asked for by name, instead of the one with the usual name.
  let annotations: URL?

  init(_ url: URL, annotations: URL? = nil) throws {
    guard Self.isFolder(url) else { throw DatasetError.noFolder(url.path) }
    self.url = url
    self.annotations = annotations
  }

  /// The first of several files that exists.
  func file(_ names: [String]) -> URL? {
    names.map(url.appendingPathComponent).first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The annotation file: the one that was asked for, or the first of `names` that exists.
  func annotationFile(_ names: [String], of kind: DatasetKind) throws -> URL {
    if let file = annotations ?? file(names) { return file }
    throw DatasetError.noAnnotations(kind, folder: url.path, expected: names)
  }

  /// The path of the first of several folders that exists, or of the first, so that messages name it.
  func imageFolder(_ names: [String]) -> String {
    let folders = names.map { $0.isEmpty ? url : url.appendingPathComponent($0) }
    return (folders.first(where: Self.isFolder) ?? folders.first ?? url).path
  }

  static func isFolder(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
