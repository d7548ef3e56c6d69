import Foundation

/// Threads on which no signal handler runs.
///
/// A handler runs on the stack of the thread that it interrupts, and some kernels keep something else where a stack
/// would be. Who wants a signal has other threads to get it on.
package enum QuietThread {
  /// Starts a thread that blocks signals from its first instruction on; what it starts blocks them too.
  package static func start(
    _ name: String, stackSize: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = stackSize
    // A thread inherits the mask of the one that starts it.
    withSignalsBlocked { thread.start() }
  }

  /// Blocks signals on this thread while `body` runs.
  package static func withSignalsBlocked<Value>(_ body: () throws -> Value) rethrows -> Value {
    var (blocked, former) = (asynchronousSignals, sigset_t())
    pthread_sigmask(SIG_BLOCK, &blocked, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    return try body()
  }

  /// All but those that a thread's own instruction causes, which can't wait.
  private static var asynchronousSignals: sigset_t {
    var signals = sigset_t()
    sigfillset(&signals)
    for number in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&signals, number) }
    return signals
  }
}
