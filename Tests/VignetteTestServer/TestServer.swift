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
  final class Arc: Sendable {
    let value: Mutex<Behaviour>
    init(_ value: Behaviour) { self.value = Mutex(value) }
  }

  /// Starts serving `files`, named by their paths without the first slash.
  public init(_ files: [String: Data]) throws {
    let behaviour = Arc(Behaviour(files: files))
    self.behaviour = behaviour
    channel = try ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(FileHandler(behaviour))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
  }

  deinit { group.shutdownGracefully { _ in } }

  public var url: URL {
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
  static func answer(_ head: HTTPRequestHead, _ behaviour: inout Behaviour) -> Answer {
    let path = String(head.uri.drop { $0 == "/" })
    let ifRange = head.headers.first(name: "If-Range")
    let request = Request(path: path, range: head.headers.first(name: "Range"), ifRange: ifRange)
    behaviour.requests.append(request)
    let fault = behaviour.faults.isEmpty ? nil : behaviour.faults.removeFirst()
    switch fault {
    case .status(let status): return Answer(status: status)
    case .redirect(let location): return Answer(status: 302, headers: ["Location": location])
    case .cut, .stall, nil: break
    }
    guard let file = behaviour.files[path] else { return Answer(status: 404) }
    guard let start = request.start, behaviour.acceptsRanges, ifRange == nil || ifRange == behaviour.tag
    else {
      return Answer(status: 200, headers: ["ETag": behaviour.tag], body: file, fault: fault)
    }
    guard start < file.count else {
      return Answer(status: 416, headers: ["Content-Range": "bytes */\(file.count)"])
    }
    let headers = [
      "ETag": behaviour.tag, "Content-Range": "bytes \(start)-\(file.count - 1)/\(file.count)",
    ]
    return Answer(status: 206, headers: headers, body: file.dropFirst(start), fault: fault)
  }

  struct Answer {
    var status: Int
    var headers: [String: String] = [:]
    var body = Data()
    var fault: Fault?
  }
}
