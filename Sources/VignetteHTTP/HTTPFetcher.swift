#if Network
  import AsyncHTTPClient
  import Foundation
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import VignetteFiles
  package import VignetteHub

  /// Fetches over the network.
  ///
  ///     let download = DatasetDownload(.flickr8k, to: folder)
  ///     try await HTTPFetcher.withFetcher { try await download.run(using: $0) }
  ///
  /// A file may take as long as it likes so long as bytes keep coming: only silence ends a
  /// request. Bytes are read from the connection no faster than they are taken from the response's body.
  package struct HTTPFetcher: Fetching {
    package struct Options: Sendable {
      /// How long connecting may take.
      package var connectTimeout: Duration = .seconds(20)
      /// How long a server may be silent.
      package var idleTimeout: Duration = .seconds(60)
      /// Which requests go through a proxy.
      package var proxies = ProxySettings.none

      package init() {}
    }

    private let direct: HTTPClient
    private let proxied: [ProxySettings.Proxy: HTTPClient]
    private let options: Options

    private init(_ options: Options) {
      self.options = options
      direct = Self.client(options, nil)
      proxied = Dictionary(uniqueKeysWithValues: options.proxies.all.map { ($0, Self.client(options, $0)) })
    }

    /// Runs `body` with a fetcher whose connections are closed when it returns or throws.
    package static func withFetcher<Result>(
      _ options: Options = Options(), isolation: isolated (any Actor)? = #isolation,
      _ body: (HTTPFetcher) async throws -> Result
    ) async throws -> Result {
      let fetcher = HTTPFetcher(options)
      do {
        let result = try await body(fetcher)
        try await fetcher.shutDown()
        return result
      } catch {
        try? await fetcher.shutDown()
        throw error
      }
    }

    private func shutDown() async throws {
      for client in [direct] + proxied.values { try await client.shutdown() }
    }

    private static func client(_ options: Options, _ proxy: ProxySettings.Proxy?) -> HTTPClient {
      var configuration = HTTPClient.Configuration(
        redirectConfiguration: .disallow,
        timeout: .init(
          connect: TimeAmount(options.connectTimeout), read: TimeAmount(options.idleTimeout),
          write: TimeAmount(options.idleTimeout)))
      // One large file at a time gains nothing from HTTP/2, whose small windows slow down distant servers.
      configuration.httpVersion = .http1Only
      // The caller decides when to try again.
      configuration.connectionPool.retryConnectionEstablishment = false
      configuration.proxy = proxy.map { proxy in
        guard !proxy.isSOCKS else { return .socksServer(host: proxy.host, port: proxy.port) }
        let authorization = proxy.user.map {
          HTTPClient.Authorization.basic(username: $0, password: proxy.password ?? "")
        }
        return .server(host: proxy.host, port: proxy.port, authorization: authorization)
      }
      return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    package func send(_ request: FetchRequest) async throws -> FetchResponse {
      var sent = HTTPClientRequest(url: request.url.absoluteString)
      sent.method = HTTPMethod(rawValue: request.method.rawValue)
      sent.headers.add(name: "User-Agent", value: "vignette")
      sent.headers.add(contentsOf: request.headers.map { ($0.key, $0.value) })
      do {
        sent.body = try request.body.map(Self.body)
        let client = options.proxies.proxy(for: request.url).flatMap { proxied[$0] } ?? direct
        let response = try await client.execute(sent, deadline: .distantFuture)
        return FetchResponse(
          status: Int(response.status.code),
          headers: Dictionary(response.headers.map { ($0.name, $0.value) }) { first, _ in first },
          body: ResponseBody(body: response.body, options: options))
      } catch {
        throw HubError.explaining(error, options)
      }
    }

    private static func body(_ body: FetchRequest.Body) throws -> HTTPClientRequest.Body {
      switch body {
      case .bytes(let bytes): .bytes(ByteBuffer(bytes: bytes))
      case .file(let url, let range, let sent):
        .stream(try FilePart(url, range, sent: sent), length: .known(Int64(range.count)))
      }
    }
  }

  /// A part of a file in pieces that are read when they are sent.
  private struct FilePart: AsyncSequence, Sendable {
    private static let pieceSize = 1 << 18

    private let file: MappedFile
    private let range: Range<Int>
    private let sent: @Sendable (Int) -> Void

    /// - Throws: `SystemError`, `FileError`.
    init(_ url: URL, _ range: Range<Int>, sent: @escaping @Sendable (Int) -> Void) throws {
      file = try MappedFile(at: url)
      guard range.lowerBound >= 0, range.upperBound <= file.count else {
        throw FileError(url.path, "was shortened while it was uploaded")
      }
      self.range = range
      self.sent = sent
    }

    struct AsyncIterator: AsyncIteratorProtocol {
      fileprivate let part: FilePart
      fileprivate var position: Int

      mutating func next() async throws -> ByteBuffer? {
        guard position < part.range.upperBound else { return nil }
        let end = Swift.min(part.range.upperBound, position + FilePart.pieceSize)
        let piece = part.file.withUnsafeBytes(position..<end) { ByteBuffer(bytes: $0) }
        position = end
        part.sent(position - part.range.lowerBound)
        return piece
      }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(part: self, position: range.lowerBound) }
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

    /// What sending throws for `error`: what trying again can't mend stays as it is.
    fileprivate static func explaining(_ error: any Error, _ options: HTTPFetcher.Options) -> any Error {
      if error is CancellationError || error is SystemError || error is FileError { return error }
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
