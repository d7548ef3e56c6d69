import Synchronization
import VignetteModels

/// Where a request's tokens go as they come, each once, even where the request is computed a second time.
final class TokenSink: Sendable {
  private let receive: @Sendable (_ token: GeneratedToken) -> Void
  private let counts = Mutex((seen: 0, delivered: 0))

  init(_ receive: @escaping @Sendable (_ token: GeneratedToken) -> Void) { self.receive = receive }

  /// Says that the caption begins, for the first time or anew.
  func begin() { counts.withLock { $0.seen = 0 } }

  func add(_ token: GeneratedToken) {
    let isNew = counts.withLock { counts in
      counts.seen += 1
      guard counts.seen > counts.delivered else { return false }
      counts.delivered = counts.seen
      return true
    }
    if isNew { receive(token) }
  }
}
