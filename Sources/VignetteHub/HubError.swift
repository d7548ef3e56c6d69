import Foundation
public import VignetteFiles

/// A model that isn't on this machine, or a file that can't be fetched to it.
public enum HubError: PlainError, Equatable {
  /// The path of a model's folder is a file.
  case notAFolder(path: String)
  /// What should be a model's folder is a file of llama.cpp's, or holds nothing else.
  case gguf(path: String)
  /// There is no folder at the path, which can't be a model's name either.
  case noFolder(path: String)
  /// The folder holds no model, but maybe a training run's checkpoints, the newest of that name.
  case noModel(path: String, checkpoint: String?)
  /// There is no folder of that name, and the cache doesn't have the model.
  case notCached(HubModelName, cache: String)
  /// The cache has the model, but not the revision.
  case noRevision(HubModelName, cache: String)

  case refused(url: String, status: Int)
  /// The server's answer makes no sense.
  case badResponse(url: String, problem: String)
  /// What became of a connection.
  case disconnected(reason: String)
  case interrupted(url: String, received: Int, reason: String)
  case busy(path: String)

  public var description: String {
    switch self {
    case .notAFolder(let path): "\(path): is a file, where the folder of a model is needed"
    case .gguf(let path):
      "\(path): is a GGUF file, as llama.cpp reads them; give the folder of the model that it was made from, with "
        + "config.json and its weights in safetensors"
    case .noFolder(let path): "\(path): there is no such folder"
    case .noModel(let path, let checkpoint):
      "\(path): is no model folder: it has no config.json"
        + (checkpoint.map { "; give \(path)/\($0) instead, its newest checkpoint" } ?? "")
    case .notCached(let name, let cache):
      "\(name.repository): there is no such folder, nor is a model of this name in \(cache): is the name right? "
        + "`hf download \(name.repository)` fetches one from the Hub"
    case .noRevision(let name, let cache):
      "\(name.repository): revision \(name.revision) is not in \(cache); fetch it with "
        + "`hf download \(name.repository)` and that revision"
    case .refused(let url, let status): "\(url): the server answered with status \(status)"
    case .badResponse(let url, let problem): "\(url): \(problem)"
    case .disconnected(let reason): reason
    case .interrupted(let url, 0, let reason): "\(url): nothing could be fetched: \(reason)"
    case .interrupted(let url, let received, let reason):
      "\(url): the download stopped after \(received) bytes: \(reason); run the command again to go on from there"
    case .busy(let path): "\(path): another download is writing this file"
    }
  }

  /// Whether another attempt may succeed.
  var isPassing: Bool {
    switch self {
    case .refused(_, let status): status == 408 || status == 429 || status >= 500
    case .interrupted, .disconnected: true
    default: false
    }
  }
}
