import Foundation

/// Threads of their own for work that blocks or takes long, so that no task of the cooperative pool waits behind it.
///
/// Jobs are started in the order in which they were given. The threads begin with the first job, and end after the
/// last one when nobody holds the workers any more.
package final class WorkerThreads: Sendable {
  private let name: String
  private let count: Int
  private let stackSize: Int
  private let jobs = Jobs()

  package init(_ name: String, count: Int = 1, stackSize: Int = 8 << 20) {
    precondition(count > 0, "work needs a thread")
    self.name = name
    self.count = count
    self.stackSize = stackSize
  }

  deinit { jobs.close() }

  package func add(_ job: @escaping @Sendable () -> Void) {
    guard jobs.add(job) else { return }
    for _ in 0..<count {
      QuietThread.start(name, stackSize: stackSize) { [jobs] in
        while let job = jobs.next() { job() }
      }
    }
  }

  /// Runs `body` on one of the threads. It runs to its end even where the task is cancelled meanwhile.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      add { continuation.resume(with: Result { try body() }) }
    }
  }

  /// What the threads share; `condition` guards it.
  private final class Jobs: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    private var isStarted = false
    private var isClosed = false

    /// - Returns: whether this is the first one.
    func add(_ job: @escaping @Sendable () -> Void) -> Bool {
      condition.withLock {
        waiting.append(job)
        condition.signal()
        defer { isStarted = true }
        return !isStarted
      }
    }

    func next() -> (@Sendable () -> Void)? {
      condition.withLock {
        while waiting.isEmpty && !isClosed { condition.wait() }
        return waiting.isEmpty ? nil : waiting.removeFirst()
      }
    }

    func close() {
      condition.withLock {
        isClosed = true
        condition.broadcast()
      }
    }
  }
}
