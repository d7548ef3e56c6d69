public import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
public import VignetteFiles

/// A Hugging Face hub that stands in, on two free ports of 127.0.0.1: one is the hub, the other where large files are.
///
/// It answers what `huggingface_hub` and Vignette ask of a hub, and can be made to fail.
public final class HubServer: Sendable {
  /// A request that came, as far as tests ask.
  public struct Request: Sendable, Equatable {
    public let method: String
    /// Without the query.
    public let path: String
    /// Whether it came to where large files are.
    public let isForLargeFiles: Bool
    public let authorization: String?
    public let range: String?
  }

  /// What goes wrong, and with which requests.
  public struct FaultRule: Sendable {
    /// Such as `GET`; nil for all.
    public var method: String?
    /// What the path has in it.
    public var path: String
    /// So many requests go well before.
    public var after: Int
    /// With so many it goes wrong.
    public var times: Int
    public var fault: TestServer.Fault

    public init(
      _ method: String? = nil, _ path: String, after: Int = 0, times: Int = 1, _ fault: TestServer.Fault
    ) {
      (self.method, self.path, self.after, self.times, self.fault) = (method, path, after, times, fault)
    }
  }

  public struct Behaviour: Sendable {
    public var repositories: [String: HubRepository] = [:]
    /// Where a repository that has got another name is now.
    public var renamed: [String: String] = [:]
    /// The tokens that may do everything; where there are none, nobody needs one.
    public var tokens: Set<String> = []
    public var faults: [FaultRule] = []
    /// Large files, by their SHA-256.
    public var objects: [String: Data] = [:]
    /// Files from this size on come in parts of that size.
    public var partSize: Int?
    /// How many bytes a second come of a response; nil for all at once.
    public var bytesPerSecond: Int?
    /// Whether lists of files have sizes and hashes.
    public var listsHashes = true
    /// What a list of files is instead of what is true.
    public var list: JSONValue?
    /// Parts of files that have come, by SHA-256.
    var parts: [String: [Int: Data]] = [:]
    var requests: [Request] = []
  }

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  private let storage: any Channel
  private let hub: Hub

  /// - Parameter port: of the hub; 0 for a free one.
  public init(_ repositories: [String: HubRepository] = [:], port: Int = 0) throws {
    hub = Hub(Behaviour(repositories: repositories))
    storage = try TestServer.listen(group, hub)
    channel = try TestServer.listen(group, hub, port: port)
    hub.addresses.withLock { [channel, storage] in
      $0 = Hub.Addresses(hub: TestServer.url(of: channel), storage: TestServer.url(of: storage))
    }
  }

  deinit { group.shutdownGracefully { _ in } }

  public var url: URL { TestServer.url(of: channel) }

  public func change(_ body: (inout Behaviour) -> Void) { hub.behaviour.withLock { body(&$0) } }

  public func look<Result: Sendable>(_ body: (Behaviour) -> Result) -> Result {
    hub.behaviour.withLock { body($0) }
  }

  public subscript(repository: String) -> HubRepository? {
    get { look { $0.repositories[repository] } }
    set { change { $0.repositories[repository] = newValue } }
  }

  /// What was asked for since the last call.
  public func takeRequests() -> [Request] {
    hub.behaviour.withLock { behaviour in
      defer { behaviour.requests = [] }
      return behaviour.requests
    }
  }

  /// Waits until the program ends.
  public func wait() throws { try channel.closeFuture.wait() }
}

/// The hub's state, and how it is asked.
final class Hub: Responder {
  struct Addresses {
    let hub: URL
    let storage: URL
  }

  let behaviour: Mutex<HubServer.Behaviour>
  let addresses = Mutex<Addresses?>(nil)

  init(_ behaviour: HubServer.Behaviour) { self.behaviour = Mutex(behaviour) }

  var bytesPerSecond: Int? { behaviour.withLock { $0.bytesPerSecond } }

  func fault(of head: HTTPRequestHead) -> TestServer.Fault? {
    let path = String(head.uri.prefix { $0 != "?" })
    let storage = addresses.withLock { $0?.storage.port }
    let host = head.headers.first(name: "Host") ?? ""
    return behaviour.withLock { behaviour in
      behaviour.requests.append(
        HubServer.Request(
          method: head.method.rawValue, path: path,
          isForLargeFiles: storage.map { host.hasSuffix(":\($0)") } ?? false,
          authorization: head.headers.first(name: "Authorization"), range: head.headers.first(name: "Range")))
      for index in behaviour.faults.indices {
        let rule = behaviour.faults[index]
        guard rule.times > 0, rule.method.map({ $0 == head.method.rawValue }) ?? true,
          path.contains(rule.path)
        else { continue }
        if rule.after > 0 {
          behaviour.faults[index].after -= 1
        } else {
          behaviour.faults[index].times -= 1
          return rule.fault
        }
      }
      return nil
    }
  }

  func answer(_ request: ReceivedRequest) -> TestServer.Answer {
    guard let addresses = addresses.withLock({ $0 }) else { return .init(status: 503) }
    return behaviour.withLock { behaviour in
      var conversation = HubConversation(request, addresses, behaviour)
      defer { behaviour = conversation.behaviour }
      return conversation.answer()
    }
  }
}
