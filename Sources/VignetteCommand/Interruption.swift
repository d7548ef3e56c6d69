import Dispatch
import Synchronization

/// Runs asynchronous work to its end; Ctrl-C cancels it, a second Ctrl-C ends the program at once.
///
/// Commands stay synchronous: what they compute belongs on the main thread, whose stack is large and whose helpers the
/// kernels' library keeps.
///
/// - Returns: what the work returns.
/// - Throws: what the work throws; `ExitStatus.interrupted` where it was cancelled.
@discardableResult
func runUntilInterrupted<Value: Sendable>(
  _ work: @escaping @Sendable () async throws -> Value
) throws -> Value {
  let outcome = Mutex(Result<Value, any Error>.failure(CancellationError()))
  let isDone = DispatchSemaphore(value: 0)
  let task = Task {
    do {
      let value = try await work()
      outcome.withLock { $0 = .success(value) }
    } catch {
      outcome.withLock { $0 = .failure(error) }
    }
    isDone.signal()
  }
  let signals = EndSignals { task.cancel() }
  withExtendedLifetime(signals) { isDone.wait() }
  do {
    return try outcome.withLock { try $0.get() }
  } catch is CancellationError {
    StandardError.print("vignette: stopped; run the same command again to go on")
    throw ExitStatus.interrupted
  }
}
