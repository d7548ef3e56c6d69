import VignetteCheckpoints
public import Foundation

/// Hugging Face's cache of models on this machine. Nothing is ever fetched.
///
/// The layout is `huggingface_hub`'s: `models--OWNER--NAME/refs/REVISION` holds a commit, whose files are in
/// `snapshots/COMMIT`.
public struct HubCache: Sendable {
  /// The cache's folder.
  public let url: URL

  public init(at url: URL) { self.url = url }

  /// The cache that `huggingface_hub` would use: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else
  /// `huggingface/hub` in `XDG_CACHE_HOME`, else `~/.cache/huggingface/hub`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    func folder(_ variable: String) -> URL? {
      guard let path = environment[variable], !path.isEmpty else { return nil }
      return URL(fileURLWithPath: NSString(string: path).expandingTildeInPath, isDirectory: true)
    }
    if let cache = folder("HF_HUB_CACHE") ?? folder("HUGGINGFACE_HUB_CACHE") {
      url = cache
      return
    }
    let userCache =
      folder("XDG_CACHE_HOME")
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".cache")
    let home = folder("HF_HOME") ?? userCache.appendingPathComponent("huggingface")
    url = home.appendingPathComponent("hub")
  }

  /// The folder that `model` means: a path to one, or the name of a model in the cache, `OWNER/NAME` or
  /// `OWNER/NAME@REVISION`.
  ///
  /// Throws `HubCacheError`, which says where it looked and how to fetch the model, or what a folder without one holds.
  public func resolve(_ model: String) throws -> URL {
    let folder = try folder(of: model)
    let contents = ModelFolder(folder)
    if contents.lacksConfiguration {
      throw HubCacheError.noModel(path: folder.relativePath, checkpoint: contents.newestCheckpoint)
    }
    return folder
  }

  private func folder(of model: String) throws -> URL {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: model, isDirectory: &isFolder) {
      guard isFolder.boolValue else { throw HubCacheError.notAFolder(path: model) }
      return URL(fileURLWithPath: model, isDirectory: true)
    }
    guard let name = HubModelName(model) else { throw HubCacheError.noFolder(path: model) }
    let repository = url.appendingPathComponent(name.cacheFolder)
    guard isDirectory(repository) else { throw HubCacheError.notCached(name, cache: url.path) }
    // A revision is a commit itself, or a name for one.
    for commit in [name.revision, commit(of: name.revision, in: repository)] {
      guard let commit else { continue }
      let snapshot = repository.appendingPathComponent("snapshots").appendingPathComponent(commit)
      if isDirectory(snapshot) { return snapshot }
    }
    throw HubCacheError.noRevision(name, cache: url.path)
  }

  private func commit(of revision: String, in repository: URL) -> String? {
    let reference = repository.appendingPathComponent("refs").appendingPathComponent(revision)
    guard let text = try? String(contentsOf: reference, encoding: .utf8) else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return !commit.isEmpty && commit.allSatisfy(\.isHexDigit) ? commit : nil
  }

  private func isDirectory(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
