import Foundation

public import VignetteFiles

/// Why a data set or one of its files could not be fetched.
public enum DownloadError: PlainError, Equatable {
  case refused(url: String, status: Int)
  /// The server's answer makes no sense.
  case badResponse(url: String, problem: String)
  case interrupted(url: String, received: Int, reason: String)
  case busy(path: String)
  case unknownPart(String, available: [String])
  /// Sizes are in bytes.
  case noSpace(folder: String, needed: Int, available: Int)

  public var description: String {
    switch self {
    case .refused(let url, let status):
      "\(url): the server answered with status \(status)"
    case .badResponse(let url, let problem):
      "\(url): \(problem)"
    case .interrupted(let url, 0, let reason):
      "\(url): nothing could be fetched: \(reason)"
    case .interrupted(let url, let received, let reason):
      "\(url): the download stopped after \(received) bytes: \(reason); run the command again to go on from there"
    case .busy(let path):
      "\(path): another download is writing this file"
    case .unknownPart(let name, let available):
      "no part is called \(name); there are: \(available.joined(separator: ", "))"
    case .noSpace(let folder, let needed, let available):
      "\(folder): about \(ByteCount(needed)) of free disk space are needed, but only \(ByteCount(available)) are there"
    }
  }

  /// Whether another attempt may succeed.
  var isPassing: Bool {
    switch self {
    case .refused(_, let status): status == 408 || status == 429 || status >= 500
    case .interrupted: true
    case .badResponse, .busy, .unknownPart, .noSpace: false
    }
  }
}
