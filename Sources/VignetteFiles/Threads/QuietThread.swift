import Foundation

/// Threads on which no signal handler runs.
///
/// A handler runs on the stack of the thread that it interrupts, and some kernels keep something else where a stack
/// would be. Who wants a signal has other threads to get it on.
package enum QuietThread {
  /// Starts a thread that blocks signals from its first instruction on; what it starts blocks them too.
  ///
  /// - Throws: `SystemError` where the system has no thread to give. Foundation's threads don't tell.
  package static func start(
    _ name: String, stackSize: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) throws {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    defer {
      pthread_attr_destroy(attributes)
      attributes.deallocate()
    }
    pthread_attr_setdetachstate(attributes, CInt(PTHREAD_CREATE_DETACHED))
    pthread_attr_setstacksize(attributes, stackSize)
    let work = Unmanaged.passRetained(Work(name, body))
    #if os(Linux)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    // A thread inherits the mask of the one that starts it.
    let code = withSignalsBlocked { pthread_create(&thread, attributes, Work.run, work.toOpaque()) }
    guard code != 0 else { return }
    work.release()
    let isMemoryShort = (try? CheckedMemory.require(stackSize)) == nil
    throw SystemError("start", "a thread", code: isMemoryShort ? ENOMEM : code)
  }

  /// What a thread does.
  private final class Work: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }

    #if os(Linux)
      static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { work in
        if let work { Unmanaged<Work>.fromOpaque(work).takeRetainedValue().callAsFunction() }
        return nil
      }
    #else
      static let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { work in
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().callAsFunction()
        return nil
      }
    #endif

    private func callAsFunction() {
      Thread.current.name = name
      #if os(Linux)
        body()
      #else
        autoreleasepool { body() }
      #endif
    }
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
