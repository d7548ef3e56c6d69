import Foundation

/// A reader of somebody else's bytes: what it is given, and what it does with it.
struct Target: Sendable {
  let name: String
  /// Right samples, from which the wrong ones are made. The folder is for what has to be made first.
  let seeds: @Sendable (_ scratch: URL) async throws -> [Sample]
  /// Reads a sample that stands in a folder. Whatever it throws is right.
  let read: @Sendable (_ folder: URL, _ sample: Sample) async throws -> Void

  static let all: [Target] =
    imageTargets + fileTargets + datasetTargets + modelTargets + metadataTargets + libraryTargets
    + serverTargets + commandTargets
}

/// The repository's fixtures.
enum Seeds {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func url(_ path: String) -> URL {
    root.appendingPathComponent("Fixtures").appendingPathComponent(path)
  }

  static func bytes(_ path: String) throws -> [UInt8] { try data(url(path)) }

  static func data(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

  /// Each file of a folder whose name has one of these endings, all called `name`.
  static func each(_ folder: String, _ endings: [String], as name: String) throws -> [Sample] {
    let root = url(folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
    return try names.filter { name in endings.contains { name.hasSuffix($0) } }.map {
      Sample(name, [UInt8](try Data(contentsOf: root.appendingPathComponent($0))))
    }
  }
}
