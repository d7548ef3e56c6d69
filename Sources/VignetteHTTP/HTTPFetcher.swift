#if Network
  import AsyncHTTPClient
  package import Foundation
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  package import VignetteHub

  /// Fetches over the network.
  ///
  ///     let download = DatasetDownload(.flickr8k, to: folder)
  ///     try await HTTPFetcher.withFetcher { try await download.run(using: $0) }
  ///
  /// Redirects are followed. A file may take as long as it likes so long as bytes keep coming: only silence ends a
  /// request. Bytes are read from the connection no faster than they are taken from the response's body.
  package struct HTTPFetcher: Fetching {
    package struct Options: Sendable {
      /// How long connecting may take.
      package var connectTimeout: Duration = .seconds(20)
      /// How long a server may be silent.
      package var idleTimeout: Duration = .seconds(60)

      package init() {}
    }

    private let client: HTTPClient
    private let options: Options

    /// Runs `body` with a fetcher whose connections are closed when it returns or throws.
    package static func withFetcher<Result>(
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

    package func fetch(_ url: URL, headers: [String: String]) async throws -> FetchResponse {
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
        throw HubError.explaining(error, url, options)
      }
    }
  }

  /// A response's bytes as they arrive, with errors that people can read.
  struct ResponseBody: AsyncSequence, Sendable {
    let body: HTTPClientResponse.Body
    let options: HTTPFetcher.Options

    struct AsyncIterator: AsyncIteratorProtocol {
      var bytes: HTTPClientResponse.Body.AsyncIterator
      let options: HTTPFetcher.Options

      mutating func next() async throws -> [UInt8]? {
        do {
          return try await bytes.next().map { Array(buffer: $0) }
        } catch {
          throw HubError(connection: error, options)
        }
      }
    }

    func makeAsyncIterator() -> AsyncIterator {
      AsyncIterator(bytes: body.makeAsyncIterator(), options: options)
    }
  }

  extension HubError {
    /// What became of a connection, in plain words.
    fileprivate init(connection error: any Error, _ options: HTTPFetcher.Options) {
      self = .disconnected(reason: Self.reason(of: error, options))
    }

    /// What `fetch` throws for `error`: what trying again can't mend is marked as such.
    fileprivate static func explaining(
      _ error: any Error, _ url: URL, _ options: HTTPFetcher.Options
    ) -> any Error {
      if error is CancellationError { return error }
      let endless: [HTTPClientError] = [.redirectCycleDetected, .redirectLimitReached]
      if let error = error as? HTTPClientError, endless.contains(error) {
        return HubError.badResponse(url: url.absoluteString, problem: "the server redirects without end")
      }
      return HubError(connection: error, options)
    }

    private static func reason(of error: any Error, _ options: HTTPFetcher.Options) -> String {
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
        "can't connect to \(error.host):\(error.port): \(cause(of: error))"
      default: "\(error)"
      }
    }

    private static func cause(of error: NIOConnectionError) -> String {
      if let failure = error.connectionErrors.first?.error as? IOError {
        return String(cString: strerror(failure.errnoCode))
      }
      return error.dnsAError != nil || error.dnsAAAAError != nil ? "the name is not known" : "\(error)"
    }
  }
#endif
