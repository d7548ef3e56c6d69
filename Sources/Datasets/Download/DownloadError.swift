import Checkpoints

/// Why a file could not be fetched.
public enum DownloadError: PlainError, Equatable {
  case refused(url: String, status: Int)
  /// The server's answer makes no sense.
  case badResponse(url: String, problem: String)
  case interrupted(url: String, received: Int, reason: String)

  public var description: String {
    switch self {
    case .refused(let url, let status):
      "\(url): the server answered with status \(status)"
    case .badResponse(let url, let problem):
      "\(url): \(problem)"
    case .interrupted(let url, let received, let reason):
      "\(url): the download stopped after \(received) bytes: \(reason); run the command again to go on from there"
    }
  }

  /// Whether another attempt may succeed.
  var isPassing: Bool {
    switch self {
    case .refused(_, let status): status == 408 || status == 429 || status >= 500
    case .badResponse: false
    case .interrupted: true
    }
  }
}
