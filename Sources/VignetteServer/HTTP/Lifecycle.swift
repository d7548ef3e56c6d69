#if Network
  import ServiceLifecycle
  import Synchronization

  /// Whether the server is ready for requests; when it is to stop, readiness ends first.
  final class Lifecycle: Service {
    private enum Phase { case starting, ready, draining, stopped }

    private let phase = Mutex(Phase.starting)
    private let drainDelay: Duration

    init(drainDelay: Duration) { self.drainDelay = drainDelay }

    var isReady: Bool { phase.withLock { $0 == .ready } }
    /// Whether no more requests are taken. What comes while others still hear that the server isn't ready is.
    var isStopped: Bool { phase.withLock { $0 == .stopped } }

    func listening() { phase.withLock { if $0 == .starting { $0 = .ready } } }

    /// Ends when the server is to stop listening.
    func run() async throws {
      try? await gracefulShutdown()
      phase.withLock { $0 = .draining }
      if drainDelay > .zero { try? await Task.sleep(for: drainDelay) }
      phase.withLock { $0 = .stopped }
    }
  }
#endif
