#if Network
  import AsyncHTTPClient
  import Foundation
  import Logging
  import NIOCore
  import NIOHTTP1
  import NIOPosix
  import Synchronization
  import Testing
  import Vignette
  import VignetteFiles
  import VignetteServer
  import VignetteTestSupport

  /// A server of a small random model on a free port, and a client for it.
  struct TestedServer: Sendable {
    static let folder = Fixture.url("models/vit-gpt2")
    static let scene = Fixture.url("models/vit-gpt2/scene.png")

    let server: CaptionServer
    let port: Int
    let log: Log
    let running: Task<Void, Never>

    /// Lines of the server's log.
    final class Log: Sendable {
      private let lines = Mutex<[String]>([])
      func add(_ line: String) { lines.withLock { $0.append(line) } }
      var text: String { lines.withLock { $0.joined(separator: "\n") } }
    }

    struct Answer {
      let status: Int
      let headers: HTTPHeaders
      let body: Data

      var text: String { String(decoding: body, as: UTF8.self) }
      var json: JSONValue { get throws { try JSONValue(parsing: body, file: "answer") } }

      /// The data of server-sent events, or lines of JSON.
      var events: [JSONValue] {
        get throws {
          try text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("event:"), line != "data: [DONE]" else { return nil }
            let json = line.hasPrefix("data: ") ? line.dropFirst("data: ".count) : line
            return try JSONValue(parsing: json.utf8, file: "event")
          }
        }
      }
    }

    /// Serves while `test` runs.
    static func run(
      _ change: (inout ServerOptions) -> Void = { _ in }, _ test: (TestedServer) async throws -> Void
    ) async throws {
      var options = ServerOptions(models: [ServedModel(name: "tiny", folder: folder)])
      options.port = 0
      options.generation.maxNewTokens = 6
      change(&options)
      let log = Log()
      let logger = Logger(label: "test") { label in
        ServerLogHandler(label: label, .json) { log.add($0) }
      }
      let server = try CaptionServer(options, version: "1.2.3", logger: logger)
      let (ports, feed) = AsyncThrowingStream.makeStream(of: Int.self)
      let running = Task {
        do {
          try await server.run { feed.yield($0) }
          feed.finish()
        } catch {
          feed.finish(throwing: error)
        }
      }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(try await iterator.next())
      do {
        try await test(TestedServer(server: server, port: port, log: log, running: running))
      } catch {
        server.stop()
        await running.value
        throw error
      }
      server.stop()
      await running.value
    }

    /// The model's caption of the scene, as `vignette caption` prints it.
    static func caption(_ generation: GenerationOptions = GenerationOptions(maxNewTokens: 6)) async throws
      -> Caption
    {
      try await Captioner(modelAt: folder).caption(scene, generation: generation)
    }

    static var bytes: Data { get throws { try Data(contentsOf: scene) } }
    static var base64: String { get throws { try bytes.base64EncodedString() } }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> Answer {
      try await send("GET", path, headers, nil)
    }

    func post(_ path: String, _ body: Data, headers: [(String, String)] = []) async throws -> Answer {
      try await send("POST", path, headers, body)
    }

    func post(_ path: String, _ json: JSONValue, headers: [(String, String)] = []) async throws -> Answer {
      try await send(
        "POST", path, [("Content-Type", "application/json")] + headers, Data(json.text(.plainLine).utf8))
    }

    func send(
      _ method: String, _ path: String, _ headers: [(String, String)], _ body: Data?
    ) async throws -> Answer {
      var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
      request.method = .init(rawValue: method)
      request.headers.add(contentsOf: headers)
      if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
      let response = try await Self.client.execute(request, timeout: .minutes(15))
      let buffer = try await response.body.collect(upTo: 1 << 24)
      return Answer(
        status: Int(response.status.code), headers: response.headers, body: Data(buffer.readableBytesView))
    }

    /// One that says at once where nobody listens.
    private static let client = {
      var configuration = HTTPClient.Configuration()
      configuration.connectionPool.retryConnectionEstablishment = false
      return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// A connection that sends whatever it is told.
    func connect() async throws -> RawConnection { try await RawConnection(port: port) }
  }

  final class RawConnection: Sendable {
    private let channel: any Channel
    private let received: EventLoopFuture<String>

    init(port: Int) async throws {
      let group = MultiThreadedEventLoopGroup.singleton
      let promise = group.any().makePromise(of: String.self)
      received = promise.futureResult
      channel = try await ClientBootstrap(group: group)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Collector(promise))
          }
        }
        .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ text: String) async throws { try await send(Data(text.utf8)) }

    func send(_ data: Data) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: data)) }

    /// All that came until the server closed the connection.
    var response: String { get async throws { try await received.get() } }

    func close() async throws { try await channel.close() }

    private final class Collector: ChannelInboundHandler {
      typealias InboundIn = ByteBuffer
      private let promise: EventLoopPromise<String>
      private var text = ""

      init(_ promise: EventLoopPromise<String>) { self.promise = promise }

      func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
      }

      func channelInactive(context: ChannelHandlerContext) {
        promise.succeed(text)
        context.fireChannelInactive()
      }

      func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
  }

  /// Keeps the compute thread from all others until it is let go.
  final class Blocker: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let task: Task<Void, Never>

    init() async {
      let (began, begin) = AsyncStream.makeStream(of: Void.self)
      task = Task { [gate] in
        await ComputeThread.shared.run {
          begin.finish()
          gate.wait()
        }
      }
      for await _ in began {}
    }

    func release() async {
      gate.signal()
      await task.value
    }
  }

  /// Waits until `condition` holds, giving others their turn; gives up after a long while.
  func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < end {
      if try await condition() { return true }
      await Task.yield()
    }
    return false
  }
#endif
