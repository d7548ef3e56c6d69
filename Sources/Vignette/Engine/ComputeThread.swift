import Foundation
import VignetteFiles

/// The one thread of this process on which models compute.
///
/// A task of Swift's cooperative pool that computed for seconds would keep all others waiting, and what several threads
/// compute is done in turns anyway. So captioners, evaluators and trainers compute here, one after the other in the
/// order in which they came: a trainer makes way after each step, an evaluator after each batch. The thread takes no
/// signals: oneDNN's kernels keep their data where a signal's handler expects a stack.
///
/// Code on it belongs to the task that called it, so that `Task.isCancelled` says what it says there.
///
/// ```swift
/// @ComputeThread func finetune(_ arguments: TrainingArguments) async throws -> Captioner {
///   let trainer = try Trainer(
///     modelAt: start, training: pairs, evaluation: nil, output: output, arguments: arguments)
///   try await trainer.run()
///   return trainer.captioner()
/// }
/// ```
@globalActor
public actor ComputeThread {
  public static let shared = ComputeThread()

  private let executor = Executor()

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Starts the thread, unless it runs already.
  ///
  /// - Throws: `SystemError` where the system has none to give.
  package static func start() throws { try shared.executor.thread.start() }

  /// Runs `body`. Others wait meanwhile, so a long computation is better made of several calls.
  package func run<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value {
    try body()
  }

  private final class Executor: SerialExecutor {
    /// As large as a main thread's stack often is; only what is used takes memory.
    let thread = WorkerThreads("vignette-compute", stackSize: 16 << 20)

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      let executor = asUnownedSerialExecutor()
      while true {
        do {
          return try thread.add { job.runSynchronously(on: executor) }
        } catch {
          // Nobody can be told here; whoever wants to be calls `start()` before. A shortage may pass.
          usleep(100_000)
        }
      }
    }
  }
}
