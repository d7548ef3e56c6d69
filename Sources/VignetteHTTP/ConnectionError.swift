import VignetteHub
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import VignetteFiles

/// What became of a connection, in plain words.
struct ConnectionError: PlainError {
  let description: String

  init(_ error: any Error, _ options: HTTPFetcher.Options) {
    description =
      switch error {
      case let error as HTTPClientError where error == .readTimeout:
        "the server was silent for \(options.idleTimeout)"
      case let error as HTTPClientError where error == .connectTimeout:
        "no connection within \(options.connectTimeout)"
      case let error as HTTPClientError where error == .remoteConnectionClosed:
        "the server closed the connection"
      case HTTPParserError.invalidEOFState: "the server closed the connection"
      case let error as IOError: String(cString: strerror(error.errnoCode))
      case let error as NIOConnectionError:
        "can't connect to \(error.host):\(error.port): \(Self.cause(of: error))"
      default: "\(error)"
      }
  }

  /// What `fetch` throws for `error`: what trying again can't mend is marked as such.
  static func explaining(_ error: any Error, _ url: URL, _ options: HTTPFetcher.Options) -> any Error {
    if error is CancellationError { return error }
    let endless: [HTTPClientError] = [.redirectCycleDetected, .redirectLimitReached]
    if let error = error as? HTTPClientError, endless.contains(error) {
      return DownloadError.badResponse(
        url: url.absoluteString, problem: "the server redirects without end")
    }
    return ConnectionError(error, options)
  }

  private static func cause(of error: NIOConnectionError) -> String {
    if let failure = error.connectionErrors.first?.error as? IOError {
      return String(cString: strerror(failure.errnoCode))
    }
    return error.dnsAError != nil || error.dnsAAAAError != nil ? "the name is not known" : "\(error)"
  }
}
