import Dispatch
import Synchronization

/// Runs asynchronous work to its end; Ctrl-C cancels it, a second Ctrl-C ends the program at once.
///
/// Commands stay synchronous: what they compute belongs on the main thread, whose stack is large and whose helpers the
/// kernels' library keeps.
///
/// - Throws: what the work throws; `ExitStatus.interrupted` where it was cancelled.
func runUntilInterrupted(_ work: @escaping @Sendable () async throws -> Void) throws {
  let outcome = Mutex(Result<Void, any Error>.success(()))
  let isDone = DispatchSemaphore(value: 0)
  let task = Task {
    do { try await work() } catch { outcome.withLock { $0 = .failure(error) } }
    isDone.signal()
  }
  let signals = EndSignals { task.cancel() }
  withExtendedLifetime(signals) { isDone.wait() }
  do {
    try outcome.withLock { try $0.get() }
  } catch is CancellationError {
    StandardError.print("vignette: stopped; run the same command again to go on")
    throw ExitStatus.interrupted
  }
}
