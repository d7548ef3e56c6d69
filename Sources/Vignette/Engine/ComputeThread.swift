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

  /// Runs `body`. Others wait meanwhile, so a long computation is better made of several calls.
  package func run<Value: Sendable>(_ body: @Sendable () throws -> Value) rethrows -> Value {
    try body()
  }

  private final class Executor: SerialExecutor {
    /// As large as a main thread's stack often is; only what is used takes memory.
    private let thread = WorkerThreads("vignette-compute", stackSize: 16 << 20)

    func enqueue(_ job: consuming ExecutorJob) {
      let job = UnownedJob(job)
      let executor = asUnownedSerialExecutor()
      thread.add { job.runSynchronously(on: executor) }
    }
  }
}
