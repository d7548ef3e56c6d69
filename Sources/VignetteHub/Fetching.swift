package import Foundation
import VignetteFiles

/// Something that can send an HTTP request: an HTTP client, or a test's stand-in for one.
package protocol Fetching: Sendable {
  /// Sends the request and returns when the response's head is there. Redirects aren't followed.
  func send(_ request: FetchRequest) async throws -> FetchResponse
}

/// An HTTP request.
package struct FetchRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  package enum Body: Sendable {
    case bytes([UInt8])
    /// A part of a file, and what gets how many of its bytes were taken to be sent so far; fewer where it is sent again.
    case file(URL, Range<Int>, sent: @Sendable (Int) -> Void)
  }

  package var method: Method
  package var url: URL
  package var headers: [String: String]
  package var body: Body?

  package init(
    _ method: Method = .get, _ url: URL, headers: [String: String] = [:], body: Body? = nil
  ) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }
}

/// The response to a request.
package struct FetchResponse: Sendable {
  package let status: Int
  package let body: any AsyncSequence<[UInt8], any Error> & Sendable
  private let headers: [String: String]

  package init(
    status: Int, headers: [String: String], body: any AsyncSequence<[UInt8], any Error> & Sendable
  ) {
    self.status = status
    self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
    self.body = body
  }

  /// A header's value; upper and lower case are the same.
  package subscript(header: String) -> String? { headers[header.lowercased()] }

  /// All bytes of the body; nil where there are more than `limit`.
  package func bytes(limit: Int) async throws -> [UInt8]? {
    var bytes: [UInt8] = []
    for try await part in body {
      guard bytes.count + part.count <= limit else { return nil }
      bytes += part
    }
    return bytes
  }

  /// Where a redirect leads; nil for any other response.
  ///
  /// - Throws: ``HubError/badResponse(url:problem:)`` where it leads nowhere.
  func redirect(from url: URL) throws -> URL? {
    guard [301, 302, 303, 307, 308].contains(status), let location = self["Location"] else { return nil }
    guard let target = URL(string: location, relativeTo: url)?.absoluteURL, Origin(target) != nil else {
      throw HubError.badResponse(
        url: url.absoluteString, problem: "the server redirects to \(Excerpt(location))")
    }
    return target
  }

  /// The longest pause that a server is granted without a word to the user.
  static let longestPause = Duration.seconds(120)

  /// How long the server asks to wait before the next request; a day at most.
  var retryAfter: Duration? {
    self["Retry-After"].flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds(min($0, 86_400)) : nil }
  }
}

extension Fetching {
  private static var maximumRedirects: Int { 10 }

  /// Sends a GET request and follows redirects. Who redirects to another server doesn't get the credentials there.
  package func fetch(_ url: URL, headers: [String: String] = [:]) async throws -> FetchResponse {
    var request = FetchRequest(.get, url, headers: headers)
    var seen: Set<URL> = []
    while seen.insert(request.url).inserted, seen.count <= Self.maximumRedirects + 1 {
      let response = try await send(request)
      guard let target = try response.redirect(from: request.url) else { return response }
      if Origin(target) != Origin(request.url) {
        for name in request.headers.keys where ["authorization", "cookie"].contains(name.lowercased()) {
          request.headers[name] = nil
        }
      }
      request.url = target
    }
    throw HubError.badResponse(url: url.absoluteString, problem: "the server redirects without end")
  }
}

/// What a server is told apart by: scheme, host and port.
struct Origin: Hashable {
  private let scheme: String
  private let host: String
  private let port: Int

  /// Nil for an address that isn't a web server's.
  init?(_ url: URL) {
    let ports = ["http": 80, "https": 443]
    guard let scheme = url.scheme?.lowercased(), let port = ports[scheme], let host = url.host, !host.isEmpty
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = url.port ?? port
  }
}
