#if Network
  import Foundation
  import Hummingbird
  import Logging
  import NIOCore
  import Synchronization

  /// What goes with a request through the server.
  struct ServerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let notes = RequestNotes()

    init(source: ApplicationRequestContextSource) {
      coreContext = CoreRequestContextStorage(source: source)
      channel = source.channel
    }

    /// Notes something for the log.
    func note(_ key: String, _ value: String) { notes.add(key, value) }

    /// Says that the request is over only when the answer's stream is.
    func holdBack() -> RequestNotes.End { notes.holdBack() }

    /// nil where the connection has no guard, as in tests without a network.
    func connection() async -> ConnectionState? {
      try? await channel.eventLoop.submit { [channel] in
        try channel.pipeline.syncOperations.handler(type: ConnectionGuard.self).state
      }.get()
    }
  }

  /// What the log and the measures say of a request.
  final class RequestNotes: Sendable {
    private struct State {
      var values: [(key: String, value: String)] = []
      var isHeldBack = false
      var report: (@Sendable ([(key: String, value: String)]) -> Void)?
    }

    private let state = Mutex(State())
    let start = ContinuousClock.now

    func add(_ key: String, _ value: String) { state.withLock { $0.values.append((key, value)) } }

    subscript(key: String) -> String? {
      state.withLock { state in state.values.last { $0.key == key }?.value }
    }

    func holdBack() -> End {
      state.withLock { $0.isHeldBack = true }
      return End { [self] in
        let report = state.withLock { state in
          state.isHeldBack = false
          defer { state.report = nil }
          return state.report
        }
        report?(state.withLock { $0.values })
      }
    }

    /// Calls `report` with the notes: now, or when the stream has ended.
    func finish(_ report: @escaping @Sendable ([(key: String, value: String)]) -> Void) {
      let values: [(key: String, value: String)]? = state.withLock { state in
        guard state.isHeldBack else { return state.values }
        state.report = report
        return nil
      }
      if let values { report(values) }
    }

    /// The end of a stream: when it is called, or when nobody can any more.
    final class End: Sendable {
      private let action: @Sendable () -> Void
      private let isDone = Mutex(false)

      init(_ action: @escaping @Sendable () -> Void) { self.action = action }

      deinit { callAsFunction() }

      func callAsFunction() {
        let isFirst = isDone.withLock { isDone in
          defer { isDone = true }
          return !isDone
        }
        if isFirst { action() }
      }
    }
  }
#endif
