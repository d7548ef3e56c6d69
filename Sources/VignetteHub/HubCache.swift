public import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Hugging Face's cache of models on this machine. Nothing is fetched by it.
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
    let expansion = PathExpansion(environment)
    url =
      expansion.folder("HF_HUB_CACHE") ?? expansion.folder("HUGGINGFACE_HUB_CACHE")
      ?? expansion.huggingFaceHome.appendingPathComponent("hub")
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

  /// What a model's name or path leads to.
  package enum Lookup: Sendable, Equatable {
    case found(URL)
    /// The name of a model that isn't there, or not whole, and what is to be said of that where it can't be fetched.
    case missing(HubModelName, HubError)
  }

  /// Looks for what `model` means, as ``resolve(_:)`` does.
  ///
  /// - Throws: ``HubError`` for what fetching can't mend.
  package func lookUp(_ model: String) throws -> Lookup {
    let isFolder = !model.isEmpty && FileSystem.exists(FileName.url(model, isFolder: true))
    guard !isFolder, let name = HubModelName(model) else { return .found(try resolve(model)) }
    do {
      let folder = try resolve(model)
      guard ModelFolder(folder).lacksWeights else { return .found(folder) }
      return .missing(name, .incomplete(name, cache: url.path))
    } catch let error as HubError {
      return .missing(name, error)
    }
  }

  private func folder(of model: String) throws -> URL {
    // No path is longer, and a message shows the beginning.
    guard model.utf8.count <= Self.longestPath else { throw HubError.noFolder(path: "\(Excerpt(model))") }
    let given = FileName.url(model, isFolder: true)
    if !model.isEmpty, FileSystem.exists(given) {
      guard FileSystem.isFolder(given) else {
        throw ModelFolder.isGGUF(model) ? HubError.gguf(path: model) : HubError.notAFolder(path: model)
      }
      return given
    }
    guard let name = HubModelName(model) else { throw HubError.noFolder(path: model) }
    let repository = repository(name)
    guard FileSystem.isFolder(repository.url) else { throw HubError.notCached(name, cache: url.path) }
    // A revision is a commit itself, or a name for one.
    for commit in [name.revision, repository.commit(of: name.revision)] {
      guard let commit else { continue }
      let snapshot = repository.snapshot(commit)
      if FileSystem.isFolder(snapshot) { return snapshot }
    }
    throw HubError.noRevision(name, cache: url.path)
  }

  private static let longestPath = 4096

  /// What the cache has of a model, or will have.
  func repository(_ name: HubModelName) -> CachedRepository { CachedRepository(name, in: self) }
}
