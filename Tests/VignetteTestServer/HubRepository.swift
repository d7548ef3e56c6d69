public import Foundation
import VignetteFiles

/// A model's repository on the hub that stands in.
public struct HubRepository: Sendable {
  public struct File: Sendable, Equatable {
    public let contents: Data
    /// Whether git has a note in its place.
    public let isLarge: Bool
    /// The name by which git knows it, or its note.
    public let gitHash: String
    public let sha256: String

    public init(_ contents: Data, isLarge: Bool) {
      self.contents = contents
      self.isLarge = isLarge
      sha256 = "\(SHA256Sum(contents))"
      let note = "version https://git-lfs.github.com/spec/v1\noid sha256:\(sha256)\nsize \(contents.count)\n"
      gitHash = "\(GitBlobSum(isLarge ? Data(note.utf8) : contents))"
    }

    /// What downloads know it by.
    public var hash: String { isLarge ? sha256 : gitHash }
  }

  public var isPrivate = false
  /// What the hub says to who hasn't accepted its terms.
  public var isGated = false
  /// Commits by branch.
  public private(set) var branches: [String: String] = [:]
  /// Files by commit.
  public private(set) var commits: [String: [String: File]] = [:]

  /// A repository with one commit on main.
  public init(_ files: [String: File] = [:]) { commit(files, to: "main") }

  /// A repository with the files of a folder; of large ones, git has notes.
  public init(folder: URL) throws {
    var files: [String: File] = [:]
    for name in try FileName.list(folder.path) {
      files[name] = File(
        try Data(contentsOf: folder.appendingPathComponent(name)), isLarge: Self.isLarge(name))
    }
    self.init(files)
  }

  public var files: [String: File] { files(at: "main") ?? [:] }

  /// The commit that a branch or a commit's own name means.
  public func commit(_ revision: String) -> String? {
    branches[revision] ?? (commits[revision] == nil ? nil : revision)
  }

  public func files(at revision: String) -> [String: File]? { commit(revision).flatMap { commits[$0] } }

  /// Makes a commit the branch's last.
  @discardableResult
  public mutating func commit(_ files: [String: File], to branch: String) -> String {
    let list = files.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.gitHash)" }.joined(
      separator: "\n")
    let commit = "\(GitBlobSum(Data("\(branches[branch] ?? "") \(commits.count)\n\(list)".utf8)))"
    commits[commit] = files
    branches[branch] = commit
    return commit
  }

  public mutating func makeBranch(_ branch: String, at commit: String) { branches[branch] = commit }
  public mutating func removeBranch(_ branch: String) { branches[branch] = nil }

  /// Whether a file's contents go where large files are, by its name.
  static func isLarge(_ name: String) -> Bool {
    [".safetensors", ".bin", ".model", ".h5", ".pt", ".png", ".jpg"].contains { name.hasSuffix($0) }
  }
}
