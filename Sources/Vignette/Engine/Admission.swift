import Synchronization

/// Room for a number of requests. Who finds none waits its turn, or is refused.
final class Admission: Sendable {
  private let capacity: Int
  private let state = Mutex(State())

  private struct State {
    var count = 0
    var nextID: UInt64 = 0
    var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
  }

  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// Runs `body` when there is room.
  ///
  /// - Throws: ``CaptionerError/busy(capacity:)`` where there is none and the request is not to wait;
  ///   `CancellationError` where the task is cancelled before its turn; what `body` throws.
  func admit<Value>(waits: Bool, _ body: () async throws -> Value) async throws -> Value {
    try await enter(waits: waits)
    defer { leave() }
    return try await body()
  }

  private func enter(waits: Bool) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let answer: Result<Void, any Error>? = state.withLock { state in
          if Task.isCancelled { return .failure(CancellationError()) }
          if state.count < capacity {
            state.count += 1
            return .success(())
          }
          guard waits else { return .failure(CaptionerError.busy(capacity: capacity)) }
          state.waiting.append((id, continuation))
          return nil
        }
        if let answer { continuation.resume(with: answer) }
      }
    } onCancel: {
      let waiting = state.withLock { state in
        state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
      }
      waiting?.continuation.resume(throwing: CancellationError())
    }
  }

  private func leave() {
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.count -= 1
        return nil as CheckedContinuation<Void, any Error>?
      }
      return state.waiting.removeFirst().continuation
    }
    next?.resume()
  }
}
