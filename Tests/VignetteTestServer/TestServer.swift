public import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A file server on a free port of 127.0.0.1, which can be made to fail.
public final class TestServer: Sendable {
  /// What goes wrong with one request.
  public enum Fault: Sendable {
    /// The connection is closed after so many bytes of the body.
    case cut(after: Int)
    /// Nothing follows after so many bytes of the body; before the first, not even the head is sent.
    case stall(after: Int)
    case status(Int)
    case redirect(to: String)
    /// A status with headers.
    case refusal(Int, [String: String])
    /// The connection is closed after so many bytes of the request's body.
    case cutUpload(after: Int)
    /// The request is done, and the connection closed instead of an answer.
    case silence
    /// The first byte of the body is another.
    case damage
    /// The body lacks so many bytes at its end, and says so.
    case shorten(by: Int)
  }

  public struct Request: Sendable, Equatable {
    public let path: String
    public let range: String?
    public let ifRange: String?

    /// The first byte of the range.
    public var start: Int? { range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } }

    public init(path: String, range: String? = nil, ifRange: String? = nil) {
      self.path = path
      self.range = range
      self.ifRange = ifRange
    }
  }

  public struct Behaviour: Sendable {
    public var files: [String: Data]
    public var tag = "\"1\""
    public var acceptsRanges = true
    /// What happens to the next requests, in turn; nil, and after them, all is well.
    public var faults: [Fault?] = []
    fileprivate var requests: [Request] = []
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let behaviour: Arc

  /// State that the connections' handlers share with the server.
  final class Arc: Responder {
    let value: Mutex<Behaviour>
    var bytesPerSecond: Int? { nil }

    init(_ value: Behaviour) { self.value = Mutex(value) }

    func fault(of head: HTTPRequestHead) -> Fault? {
      value.withLock { behaviour in
        let ifRange = head.headers.first(name: "If-Range")
        behaviour.requests.append(
          Request(path: TestServer.path(head), range: head.headers.first(name: "Range"), ifRange: ifRange))
        return behaviour.faults.isEmpty ? nil : behaviour.faults.removeFirst()
      }
    }

    func answer(_ request: ReceivedRequest) -> Answer {
      value.withLock { TestServer.answer(request.head, $0) }
    }
  }

  fileprivate static func path(_ head: HTTPRequestHead) -> String { String(head.uri.drop { $0 == "/" }) }

  /// Starts serving `files`, named by their paths without the first slash.
  public init(_ files: [String: Data]) throws {
    let behaviour = Arc(Behaviour(files: files))
    self.behaviour = behaviour
    channel = try Self.listen(group, behaviour)
  }

  /// Listens on a free port of 127.0.0.1, or on the one given.
  static func listen(
    _ group: MultiThreadedEventLoopGroup, _ responder: some Responder, port: Int = 0
  ) throws -> any Channel {
    try ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(RequestHandler(responder))
        }
      }
      .bind(host: "127.0.0.1", port: port).wait()
  }

  deinit { group.shutdownGracefully { _ in } }

  public var url: URL { Self.url(of: channel) }

  static func url(of channel: any Channel) -> URL {
    var components = URLComponents()
    components.scheme = "http"
    components.host = "127.0.0.1"
    components.port = channel.localAddress?.port
    return components.url ?? URL(fileURLWithPath: "/")
  }

  /// Stops listening; gives the address where nobody listens now.
  public func stopped() throws -> URL {
    let url = url
    try channel.close().wait()
    return url
  }

  /// What was asked for since the last call.
  public func takeRequests() -> [Request] {
    behaviour.value.withLock { behaviour in
      defer { behaviour.requests = [] }
      return behaviour.requests
    }
  }

  public func change(_ body: (inout Behaviour) -> Void) { behaviour.value.withLock { body(&$0) } }

  /// The answer to a request.
  private static func answer(_ head: HTTPRequestHead, _ behaviour: Behaviour) -> Answer {
    guard let file = behaviour.files[path(head)] else { return Answer(status: 404) }
    return Answer.file(file, tag: behaviour.tag, for: head, acceptsRanges: behaviour.acceptsRanges)
  }

  struct Answer: Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body = Data()
    /// What Content-Length says, where that isn't the body's.
    var length: Int?

    /// A file, or the part of it that is asked for.
    static func file(
      _ file: Data, tag: String, for head: HTTPRequestHead, acceptsRanges: Bool = true
    ) -> Answer {
      let request = Request(path: path(head), range: head.headers.first(name: "Range"))
      let ifRange = head.headers.first(name: "If-Range")
      guard let start = request.start, acceptsRanges, ifRange == nil || ifRange == tag else {
        return Answer(status: 200, headers: ["ETag": tag], body: file)
      }
      guard start < file.count else {
        return Answer(status: 416, headers: ["Content-Range": "bytes */\(file.count)"])
      }
      let headers = ["ETag": tag, "Content-Range": "bytes \(start)-\(file.count - 1)/\(file.count)"]
      return Answer(status: 206, headers: headers, body: file.dropFirst(start))
    }
  }
}
