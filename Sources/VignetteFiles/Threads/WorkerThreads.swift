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

  /// Has a job done.
  ///
  /// - Throws: `SystemError` where not one thread can be started.
  package func add(_ job: @escaping @Sendable () -> Void) throws {
    try start()
    jobs.add(job)
  }

  /// Starts the threads, unless they run already; fewer where the system has no more to give.
  ///
  /// - Throws: `SystemError` where it has none.
  package func start() throws {
    try jobs.startOnce {
      for number in 0..<count {
        do {
          try QuietThread.start(name, stackSize: stackSize) { [jobs] in
            while let job = jobs.next() { job() }
          }
        } catch  where number > 0 {
          return
        }
      }
    }
  }

  /// Runs `body` on one of the threads. It runs to its end even where the task is cancelled meanwhile.
  ///
  /// - Throws: what `body` throws; `SystemError` where not one thread can be started.
  package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do {
        try add { continuation.resume(with: Result { try body() }) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// What the threads share; `condition` guards it.
  private final class Jobs: @unchecked Sendable {
    private let condition = NSCondition()
    private var waiting: [@Sendable () -> Void] = []
    private var isStarted = false
    private var isClosed = false

    func startOnce(_ start: () throws -> Void) rethrows {
      try condition.withLock {
        if !isStarted { try start() }
        isStarted = true
      }
    }

    func add(_ job: @escaping @Sendable () -> Void) {
      condition.withLock {
        waiting.append(job)
        condition.signal()
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
