import Foundation
import VignetteCheckpoints
import VignetteFiles

/// A file of a folder that is pushed.
struct PushedFile: Sendable, Equatable {
  /// In the repository.
  let path: String
  let url: URL
  private(set) var byteCount = 0
  private(set) var sha256 = ""
  /// Empty for a file that is too large to be in git itself.
  private(set) var gitHash = ""

  private static let sampleSize = 512

  /// The files of a folder that are pushed, sorted: those that make the model and describe it, or all that aren't hidden.
  ///
  /// - Throws: ``HubError`` for a folder without a model; `SystemError`.
  static func find(in folder: URL, all: Bool) throws -> [PushedFile] {
    guard FileSystem.isFolder(folder) else { throw HubError.noFolder(path: folder.relativePath) }
    if all { return try walk(folder, below: "") }
    let contents = ModelFolder(folder)
    guard !contents.lacksConfiguration else {
      throw HubError.noModel(path: folder.relativePath, checkpoint: contents.newestCheckpoint)
    }
    guard !contents.lacksWeights else {
      throw FileError(folder.relativePath, "holds no weights, or not all of them")
    }
    return try walk(folder, below: "", deep: false).filter { isModels($0.path) }
  }

  /// Whether a file makes a model or describes it, by its name. What a training run needs to go on doesn't.
  private static func isModels(_ name: String) -> Bool {
    ModelFileSelection.smallFiles.contains(name) || WeightsFormat.allCases.contains { $0.owns(name) }
      || ["README", "LICENSE", "NOTICE"].contains { name == $0 || name == "\($0).md" || name == "\($0).txt" }
  }

  /// Links are followed to files, as a cache's snapshots have them, not to folders.
  private static func walk(_ folder: URL, below path: String, deep: Bool = true) throws -> [PushedFile] {
    try FileName.list(folder.path).filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [PushedFile] in
      let item = folder.appendingPathComponent(name)
      if FileSystem.kind(of: item.path, followingLinks: false) == S_IFDIR {
        return deep ? try walk(item, below: "\(path)\(name)/") : []
      }
      guard FileSystem.kind(of: item.path) == S_IFREG else { return [] }
      return [PushedFile(path: path + name, url: item)]
    }
  }

  private init(path: String, url: URL) {
    self.path = path
    self.url = url
  }

  /// No hub takes larger files than this into git itself.
  private static let maximumSmallSize = 64 << 20

  /// - Parameter progress: gets how many bytes were read.
  mutating func computeHashes(progress: (Int) -> Void) throws {
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    byteCount = file.count
    var hasher = SHA256Hasher()
    for start in stride(from: 0, to: file.count, by: 1 << 25) {
      let end = min(file.count, start + 1 << 25)
      file.withUnsafeBytes(start..<end) { hasher.update($0) }
      progress(end)
    }
    sha256 = hasher.finish().description
    if byteCount <= Self.maximumSmallSize { gitHash = try GitBlobSum(contentsOf: url).description }
  }

  func hash(isLarge: Bool) -> String { isLarge ? sha256 : gitHash }

  /// What the hub decides by how it wants the file.
  func announcement() throws -> JSONValue {
    let file = try MappedFile(at: url)
    let sample = file.withUnsafeBytes(0..<min(file.count, Self.sampleSize)) { Data($0).base64EncodedString() }
    return ["path": .string(path), "sample": .string(sample), "size": .int(byteCount)]
  }
}
