import Dispatch
import Foundation
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
  // A handler of Dispatch's is told only of signals that nobody else handles.
  signal(SIGINT, SIG_IGN)
  let interruption = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
  interruption.setEventHandler {
    task.cancel()
    signal(SIGINT, SIG_DFL)
  }
  interruption.resume()
  isDone.wait()
  interruption.cancel()
  signal(SIGINT, SIG_DFL)
  do {
    try outcome.withLock { try $0.get() }
  } catch is CancellationError {
    StandardError.print("vignette: stopped; run the same command again to go on")
    throw ExitStatus.interrupted
  }
}
