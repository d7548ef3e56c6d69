public import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Hugging Face's cache of models on this machine. Nothing is ever fetched.
///
/// The layout is `huggingface_hub`'s: `models--OWNER--NAME/refs/REVISION` holds a commit, whose files are in
/// `snapshots/COMMIT`.
public struct HubCache: Sendable {
  /// The cache's folder.
  public let url: URL

  public init(at url: URL) { self.url = url }

  /// The cache that `huggingface_hub` would use in this process.
  public init() { self.init(environment: FileName.environment()) }

  /// The cache that `huggingface_hub` would use: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else
  /// `huggingface/hub` in `XDG_CACHE_HOME`, else `~/.cache/huggingface/hub`.
  ///
  /// As there, `~`, `~user`, `$NAME` and `${NAME}` stand for what they do in a shell; home is where `HOME` says.
  public init(environment: [String: String]) {
    func folder(_ variable: String) -> URL? {
      guard let path = environment[variable], !path.isEmpty else { return nil }
      return FileName.url(PathExpansion(environment).expand(path), isFolder: true)
    }
    if let cache = folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") {
      url = cache
      return
    }
    let userCache =
      folder("XDG_CACHE_HOME")
      ?? FileName.url(PathExpansion(environment).expandTilde("~/.cache"), isFolder: true)
    let home = folder("HF_HOME") ?? userCache.appendingPathComponent("huggingface")
    url = home.appendingPathComponent("hub")
  }

  /// The folder that `model` means: a path to one, or the name of a model in the cache, `OWNER/NAME` or
  /// `OWNER/NAME@REVISION`.
  ///
  /// - Throws: ``HubError``, which says where it looked and how to fetch the model, or what a folder without one holds.
  public func resolve(_ model: String) throws -> URL {
    let folder = try folder(of: model)
    let contents = ModelFolder(folder)
    if contents.lacksConfiguration {
      if let file = contents.ggufFile { throw HubError.gguf(path: "\(folder.relativePath)/\(file)") }
      throw HubError.noModel(path: folder.relativePath, checkpoint: contents.newestCheckpoint)
    }
    return folder
  }

  private func folder(of model: String) throws -> URL {
    let given = FileName.url(model, isFolder: true)
    if !model.isEmpty, FileSystem.exists(given) {
      guard FileSystem.isFolder(given) else {
        throw ModelFolder.isGGUF(model) ? HubError.gguf(path: model) : HubError.notAFolder(path: model)
      }
      return given
    }
    guard let name = HubModelName(model) else { throw HubError.noFolder(path: model) }
    let repository = url.appendingPathComponent(name.cacheFolder)
    guard FileSystem.isFolder(repository) else { throw HubError.notCached(name, cache: url.path) }
    // A revision is a commit itself, or a name for one.
    for commit in [name.revision, commit(of: name.revision, in: repository)] {
      guard let commit else { continue }
      let snapshot = repository.appendingPathComponent("snapshots").appendingPathComponent(commit)
      if FileSystem.isFolder(snapshot) { return snapshot }
    }
    throw HubError.noRevision(name, cache: url.path)
  }

  private func commit(of revision: String, in repository: URL) -> String? {
    let reference = repository.appendingPathComponent("refs").appendingPathComponent(revision)
    guard let text = try? TextFile.read(reference) else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return !commit.isEmpty && commit.allSatisfy(\.isHexDigit) ? commit : nil
  }
}

/// The name of a model on the Hugging Face hub: `OWNER/NAME`, or `NAME` alone for the oldest models, and maybe
/// `@REVISION`.
public struct HubModelName: Sendable, Equatable {
  /// `OWNER/NAME`.
  public let repository: String
  /// A branch, a tag or a commit.
  public let revision: String

  /// Nil if `text` can't be the name of a model.
  public init?(_ text: String) {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    repository = String(parts[0])
    revision = parts.count == 2 ? String(parts[1]) : "main"
    let names = repository.split(separator: "/", omittingEmptySubsequences: false)
    let steps = revision.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count <= 2, names.allSatisfy(Self.isName), steps.allSatisfy(Self.isName) else { return nil }
  }

  /// The model's folder in the cache.
  var cacheFolder: String {
    "models--" + repository.split(separator: "/").joined(separator: "--")
  }

  private static func isName(_ text: Substring) -> Bool {
    !text.isEmpty && text != "." && text != ".."
      && text.utf8.allSatisfy { byte in
        UnicodeScalar(byte).properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
          || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
      }
  }
}

/// Python's `os.path.expandvars(os.path.expanduser(path))`.
private struct PathExpansion {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  func expand(_ path: String) -> String { expandVariables(expandTilde(path)) }

  /// The path with the home folder in place of `~` or `~user`, where there is such a user.
  func expandTilde(_ path: String) -> String {
    guard path.hasPrefix("~") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    guard let home = name.isEmpty ? environment["HOME"] ?? Self.home(nil) : Self.home(String(name)) else {
      return path
    }
    let rest = path.dropFirst(1 + name.count)
    let expanded = (home.hasSuffix("/") ? String(home.dropLast()) : home) + rest
    return expanded.isEmpty ? "/" : expanded
  }

  private static func home(_ user: String?) -> String? {
    let entry = user.map { getpwnam($0) } ?? getpwuid(getuid())
    return entry?.pointee.pw_dir.map { FileName.string(of: $0) }
  }

  /// The path with the values of variables for `$NAME` and `${NAME}`; those that aren't set stay as they are.
  private func expandVariables(_ path: String) -> String {
    path.replacing(/\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/) { match in
      (match.output.1 ?? match.output.2).flatMap { environment[String($0)] } ?? String(match.output.0)
    }
  }
}
