public import VignetteFiles
import Foundation

/// A model that isn't on this machine, or not where it was looked for.
public enum HubCacheError: PlainError, Equatable {
  /// The path is a file.
  case notAFolder(path: String)
  /// There is no folder at the path, which can't be a model's name either.
  case noFolder(path: String)
  /// The folder holds no model, but maybe a training run's checkpoints, the newest of that name.
  case noModel(path: String, checkpoint: String?)
  /// There is no folder of that name, and the cache doesn't have the model.
  case notCached(HubModelName, cache: String)
  /// The cache has the model, but not the revision.
  case noRevision(HubModelName, cache: String)

  public var description: String {
    switch self {
    case .notAFolder(let path): "\(path): is a file, where the folder of a model is needed"
    case .noFolder(let path): "\(path): there is no such folder"
    case .noModel(let path, let checkpoint):
      "\(path): is no model folder: it has no config.json"
        + (checkpoint.map { "; give \(path)/\($0) instead, its newest checkpoint" } ?? "")
    case .notCached(let name, let cache):
      "\(name.repository): there is no such folder, nor is the model in \(cache); fetch it with "
        + "`hf download \(name.repository) --local-dir DIR` and name DIR instead"
    case .noRevision(let name, let cache):
      "\(name.repository): revision \(name.revision) is not in \(cache); fetch it with "
        + "`hf download \(name.repository) --revision \(name.revision)`"
    }
  }
}
