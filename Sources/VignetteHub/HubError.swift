import Foundation
public import VignetteFiles

/// A model that isn't on this machine, or that can't be fetched to it or shared from it.
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
  /// The cache has a part of the model.
  case incomplete(HubModelName, cache: String)

  case refused(url: String, status: Int)
  /// The server's answer makes no sense.
  case badResponse(url: String, problem: String)
  /// What became of a connection.
  case disconnected(reason: String)
  case interrupted(url: String, received: Int, reason: String)
  case busy(path: String)
  /// No request was answered.
  case unreachable(url: String, reason: String)
  case refusedBecause(url: String, status: Int, reason: String)

  /// Nothing may be fetched.
  case offline
  /// A variable of the environment, or a file, that can't be used.
  case badSetting(name: String, problem: String)
  /// The hub has no such model, or doesn't show it to everybody.
  case noRepository(HubModelName, endpoint: String, hasToken: Bool)
  case noSuchRevision(HubModelName, endpoint: String)
  /// The model's authors want to know who fetches it.
  case gated(HubModelName, page: String, hasToken: Bool)
  case forbidden(HubModelName, reason: String?, hasToken: Bool)
  case invalidToken(endpoint: String)
  /// The repository isn't a model that can be read.
  case unusable(HubModelName, problem: String)
  /// What arrived isn't what was announced.
  case damaged(file: String, url: String, expected: String, found: String)
  case noSpace(folder: String, needed: Int, available: Int)
  /// The repository has changed while files were uploaded.
  case conflict(HubModelName)
  /// Nobody may write without credentials.
  case noToken(HubModelName)

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
      "\(name.repository): there is no such folder, nor is a model of this name in \(cache): is the name right?"
    case .noRevision(let name, let cache):
      "\(name.repository): revision \(name.revision) is not in \(cache)"
    case .incomplete(let name, let cache):
      "\(name.repository): only a part of it is in \(cache), without all of its weights"
    case .refused(let url, 429): "\(url): too many requests for the server (status 429); try again later"
    case .refused(let url, let status): "\(url): the server answered with status \(status)"
    case .badResponse(let url, let problem): "\(url): \(problem)"
    case .disconnected(let reason): reason
    case .interrupted(let url, 0, let reason): "\(url): nothing could be fetched: \(reason)"
    case .interrupted(let url, let received, let reason):
      "\(url): the download stopped after \(received) bytes: \(reason); what has arrived is kept, to go on from there"
    case .busy(let path): "\(path): another download is writing this file"
    case .unreachable(let url, let reason): "\(url): no answer: \(reason)"
    case .refusedBecause(let url, let status, let reason):
      "\(url): the server answered with status \(status): \(Excerpt(reason))"
    case .offline: "HF_HUB_OFFLINE is set, so nothing is fetched"
    case .badSetting(let name, let problem): "\(name) \(problem)"
    case .noRepository(let name, let endpoint, let hasToken):
      "\(name.repository): \(endpoint) has no such model, or it is private: is the name right? "
        + (hasToken
          ? "The access token doesn't show it" : "A private one needs an access token in HF_TOKEN")
    case .noSuchRevision(let name, let endpoint):
      "\(name.repository): there is no revision \(name.revision) at \(endpoint)"
    case .gated(let name, let page, let hasToken):
      "\(name.repository): its authors share it only with those who accept their terms: accept them at \(page), "
        + (hasToken
          ? "with the account that the access token belongs to"
          : "then put an access token of the same account into HF_TOKEN")
    case .forbidden(let name, let reason, let hasToken):
      "\(name.repository): access is refused" + (reason.map { ": \(Excerpt($0))" } ?? "")
        + (hasToken ? "; does the access token allow this?" : "; an access token in HF_TOKEN may help")
    case .invalidToken(let endpoint):
      "\(endpoint) doesn't know the access token: has it expired? HF_TOKEN takes precedence over the token file"
    case .unusable(let name, let problem): "\(name.repository): \(Excerpt(problem: problem))"
    case .damaged(let file, let url, let expected, let found):
      "\(file): what arrived from \(url) is damaged and was removed: its hash is \(found), where \(expected) is "
        + "expected; try again later"
    case .noSpace(let folder, let needed, let available):
      "\(folder): \(ByteCount(needed)) are needed, but the disk has only \(ByteCount(available)) free"
    case .conflict(let name):
      "\(name.repository): someone else changed it meanwhile; nothing was pushed: look at it, then try again"
    case .noToken(let name):
      "\(name.repository): pushing needs an access token with the right to write, in HF_TOKEN"
    }
  }

  /// Whether another attempt may succeed.
  var isPassing: Bool {
    switch self {
    case .refused(_, let status): status == 408 || status == 429 || status >= 500
    case .interrupted, .disconnected, .unreachable: true
    default: false
    }
  }
}
