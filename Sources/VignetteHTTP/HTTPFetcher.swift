public import VignetteHub
import NIOHTTP1
import AsyncHTTPClient
public import Foundation
import NIOCore

/// Fetches over the network.
///
///     let download = DatasetDownload(.flickr8k, to: folder)
///     try await HTTPFetcher.withFetcher { try await download.run(using: $0) }
///
/// Redirects are followed. A file may take as long as it likes so long as bytes keep coming: only silence ends a
/// request. Bytes are read from the connection no faster than they are taken from the response's body.
public struct HTTPFetcher: Fetching {
  public struct Options: Sendable {
    /// How long connecting may take.
    public var connectTimeout: Duration = .seconds(20)
    /// How long a server may be silent.
    public var idleTimeout: Duration = .seconds(60)

    public init() {}
  }

  private let client: HTTPClient
  private let options: Options

  /// Runs `body` with a fetcher whose connections are closed when it returns or throws.
  public static func withFetcher<Result>(
    _ options: Options = Options(), isolation: isolated (any Actor)? = #isolation,
    _ body: (HTTPFetcher) async throws -> Result
  ) async throws -> Result {
    try await HTTPClient.withHTTPClient(configuration: configuration(options)) { client in
      try await body(HTTPFetcher(client: client, options: options))
    }
  }

  private static func configuration(_ options: Options) -> HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration(
      redirectConfiguration: .follow(max: 10, allowCycles: false),
      timeout: .init(connect: TimeAmount(options.connectTimeout), read: TimeAmount(options.idleTimeout)))
    // One large file at a time gains nothing from HTTP/2, whose small windows slow down distant servers.
    configuration.httpVersion = .http1Only
    // The caller decides when to try again.
    configuration.connectionPool.retryConnectionEstablishment = false
    return configuration
  }

  public func fetch(_ url: URL, headers: [String: String]) async throws -> FetchResponse {
    var request = HTTPClientRequest(url: url.absoluteString)
    request.headers.add(name: "User-Agent", value: "vignette")
    request.headers.add(contentsOf: headers.map { ($0.key, $0.value) })
    do {
      let response = try await client.execute(request, deadline: .distantFuture)
      return FetchResponse(
        status: Int(response.status.code),
        headers: Dictionary(response.headers.map { ($0.name, $0.value) }) { first, _ in first },
        body: ResponseBody(body: response.body, options: options))
    } catch {
      throw ConnectionError.explaining(error, url, options)
    }
  }
}
