import Foundation
import VignetteFiles

/// Requests to a hub: its addresses and credentials, patience with a server that is busy, and what its refusals mean.
///
/// The access token goes to the hub alone, whatever it redirects to.
package struct HubConnection: Fetching {
  package let settings: HubSettings
  /// How often in a row a request may fail in passing.
  package var attempts = 5
  /// The pause after the first failure; each further one is twice as long.
  package var pause: Duration = .seconds(1)
  private let client: any Fetching
  private let origin: Origin?

  package init(_ settings: HubSettings, over client: some Fetching) {
    self.settings = settings
    self.client = client
    origin = Origin(settings.endpoint)
  }

  package func send(_ request: FetchRequest) async throws -> FetchResponse {
    if settings.isOffline { throw HubError.offline }
    var request = request
    if isHub(request.url), let token = settings.token {
      request.headers["Authorization"] = "Bearer \(token)"
    }
    return try await client.send(request)
  }

  func isHub(_ url: URL) -> Bool { origin != nil && Origin(url) == origin }

  /// The address of `path` on the hub, whose parts are encoded already.
  func url(_ path: String) throws -> URL {
    guard let url = URL(string: "\(settings.endpoint.absoluteString)/\(path)") else {
      throw HubError.badResponse(
        url: settings.endpoint.absoluteString, problem: "\(Excerpt(path)) is no path")
    }
    return url
  }

  /// Where a file of a model is.
  func url(of file: String, in name: HubModelName, at commit: String) throws -> URL {
    try url("\(name.repository)/resolve/\(Self.encoded(commit))/\(Self.encoded(file, keepsSlashes: true))")
  }

  /// A revision, a name or a path as one part of an address.
  static func encoded(_ text: String, keepsSlashes: Bool = false) -> String {
    let unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    let allowed = CharacterSet(charactersIn: unreserved + (keepsSlashes ? "/" : ""))
    return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
  }

  /// Sends a request until the server takes it or refuses it for good. A GET request follows redirects, as where a
  /// repository has got another name.
  ///
  /// - Parameter name: whose refusal is explained.
  /// - Returns: a response with a status below 300, or any other that `isExpected` wants to see.
  /// - Throws: ``HubError``, `CancellationError`.
  func answer(
    to request: FetchRequest, about name: HubModelName, isExpected: (Int) -> Bool = { _ in false }
  ) async throws -> FetchResponse {
    var failures = 0
    while true {
      var asked: Duration?
      do {
        let response =
          request.method == .get
          ? try await fetch(request.url, headers: request.headers) : try await send(request)
        if response.status < 300 || isExpected(response.status) { return response }
        asked = response.retryAfter
        throw await explained(response, request.url, about: name)
      } catch {
        try Task.checkCancellation()
        failures += 1
        guard let error = error as? HubError, error.isPassing, failures < attempts,
          (asked ?? .zero) <= FetchResponse.longestPause
        else {
          if case .disconnected(let reason)? = error as? HubError {
            throw HubError.unreachable(url: Self.shown(request.url), reason: reason)
          }
          throw error
        }
        try await Task.sleep(for: max(asked ?? .zero, pause * (1 << min(failures - 1, 6))))
      }
    }
  }

  /// The JSON that a request is answered with.
  func json(_ request: FetchRequest, about name: HubModelName) async throws -> JSONField {
    var failures = 0
    while true {
      do {
        let response = try await answer(to: request, about: name)
        return try await Self.json(response, from: request.url)
      } catch let error as HubError {
        // The connection broke within the answer.
        guard case .disconnected(let reason) = error else { throw error }
        failures += 1
        guard failures < attempts else {
          throw HubError.unreachable(url: Self.shown(request.url), reason: reason)
        }
        try await Task.sleep(for: pause * (1 << min(failures - 1, 6)))
      }
    }
  }

  private static let maximumAnswer = 64 << 20

  static func json(_ response: FetchResponse, from url: URL) async throws -> JSONField {
    guard let bytes = try await response.bytes(limit: maximumAnswer) else {
      throw HubError.badResponse(
        url: url.absoluteString, problem: "the answer is longer than \(ByteCount(maximumAnswer))")
    }
    return JSONField(try JSONValue(parsing: bytes, file: url.absoluteString), file: url.absoluteString)
  }

  // MARK: Refusals

  /// What a response that isn't wanted means, with the server's own words where it has some.
  private func explained(_ response: FetchResponse, _ url: URL, about name: HubModelName) async -> HubError {
    let refusal = refusal(response, url, about: name)
    guard case .refused = refusal, !refusal.isPassing, response["X-Error-Message"] == nil,
      let bytes = try? await response.bytes(limit: 1 << 16),
      let body = try? JSONValue(parsing: bytes, file: ""), let text = body["error"]?.asString
    else { return refusal }
    return .refusedBecause(url: url.absoluteString, status: response.status, reason: text)
  }

  /// What a response that isn't wanted means.
  func refusal(_ response: FetchResponse, _ url: URL, about name: HubModelName) -> HubError {
    let hasToken = settings.token != nil
    let message = response["X-Error-Message"]
    // Another server's words aren't about the model.
    guard isHub(url) else { return .refused(url: Self.shown(url), status: response.status) }
    switch (response["X-Error-Code"], response.status) {
    case ("GatedRepo", _):
      return .gated(name, page: page(of: name), hasToken: hasToken)
    case ("RepoNotFound", _):
      return .noRepository(name, endpoint: endpoint, hasToken: hasToken)
    case ("RevisionNotFound", _):
      return .noSuchRevision(name, endpoint: endpoint)
    case ("EntryNotFound", _):
      return .refused(url: url.absoluteString, status: response.status)
    case (_, 401):
      if hasToken, message?.contains("Invalid credentials") == true {
        return .invalidToken(endpoint: endpoint)
      }
      return .noRepository(name, endpoint: endpoint, hasToken: hasToken)
    case (_, 403):
      return .forbidden(name, reason: message, hasToken: hasToken)
    default:
      guard let message, response.status < 500, response.status != 429 else {
        return .refused(url: url.absoluteString, status: response.status)
      }
      return .refusedBecause(url: url.absoluteString, status: response.status, reason: message)
    }
  }

  /// An address without its query, which may be a key to what it leads to.
  private static func shown(_ url: URL) -> String {
    String(url.absoluteString.prefix { $0 != "?" })
  }

  var endpoint: String { settings.endpoint.absoluteString }

  /// Where people read about a model.
  package func page(of name: HubModelName) -> String { "\(endpoint)/\(name.repository)" }
}
