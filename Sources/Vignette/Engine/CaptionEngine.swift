import Synchronization
import VignetteImages
import VignetteModels

/// Takes requests for captions from any number of tasks, and has the model compute them, a batch at a time.
///
/// Requests that wait together go through the model in one batch, which is faster and gives what each would get alone:
/// their images are encoded together, and those that ask for the same are decoded together. A request whose task is
/// cancelled leaves the queue; one that is being computed is given up between two tokens, unless others share its batch.
final class CaptionEngine: Sendable {
  private let model: ModelHost
  private let batchSize: Int
  private let observer: (any EngineObserver)?
  private let state: Mutex<State>

  private struct Request {
    let id: UInt64
    let work: ModelHost.Work
    let arrival = ContinuousClock.now
    let continuation: CheckedContinuation<[[GenerationOutput]], any Error>
  }

  private struct State {
    var nextID: UInt64 = 0
    var waiting: [Request] = []
    /// Of the batch that is computed, those whose callers still wait.
    var running: [Request] = []
    var task: Task<Void, Never>?
    var isBusy = false
    var gathering: Gathering

    var waitingCount: Int { waiting.reduce(0) { $0 + $1.work.images.count } }

    /// The first that waits, with those behind it that can be computed with it.
    mutating func takeBatch(_ size: Int) -> [Request] {
      guard let first = waiting.first else { return [] }
      var count = 0
      let taken = waiting.indices.filter { index in
        let work = waiting[index].work
        guard index == 0 || work.sharesSize(with: first.work) && count + work.images.count <= size else {
          return false
        }
        count += work.images.count
        return true
      }
      let batch = taken.map { waiting[$0] }
      for index in taken.reversed() { waiting.remove(at: index) }
      return batch
    }
  }

  /// - Parameter gatherLimit: how long, at most, a request waits for others that may come.
  init(
    _ model: ModelHost, batchSize: Int, gatherLimit: Duration = .zero,
    observer: (any EngineObserver)? = nil
  ) {
    self.model = model
    self.batchSize = batchSize
    state = Mutex(State(gathering: Gathering(limit: gatherLimit, batchSize: batchSize)))
    self.observer = observer
  }

  /// The captions of images of one size.
  ///
  /// - Throws: what is wrong with the options, the model or the size; `CancellationError`.
  func outputs(_ work: ModelHost.Work) async throws -> [[GenerationOutput]] {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isCancelled = state.withLock { state in
          // A task that is cancelled from now on finds its request.
          if Task.isCancelled { return true }
          state.waiting.append(Request(id: id, work: work, continuation: continuation))
          return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) } else { startNext() }
      }
    } onCancel: {
      cancel(id)
    }
  }

  private func cancel(_ id: UInt64) {
    let request = state.withLock { state in
      if let index = state.waiting.firstIndex(where: { $0.id == id }) {
        return state.waiting.remove(at: index) as Request?
      }
      guard let index = state.running.firstIndex(where: { $0.id == id }) else { return nil }
      let request = state.running.remove(at: index)
      if state.running.isEmpty { state.task?.cancel() }
      return request
    }
    request?.continuation.resume(throwing: CancellationError())
    report()
  }

  private func startNext() {
    defer { report() }
    let batch: [Request] = state.withLock { state in
      guard !state.isBusy, !state.waiting.isEmpty else { return [] }
      if state.gathering.waits(state.waitingCount, now: .now) { return [] }
      let batch = state.takeBatch(batchSize)
      guard !batch.isEmpty else { return [] }
      let isLast = state.waiting.isEmpty
      state.isBusy = true
      state.running = batch
      state.task = Task.detached { [self] in await run(batch, isLast: isLast) }
      return batch
    }
    guard let observer, !batch.isEmpty else { return }
    let now = ContinuousClock.now
    observer.engineBegins(
      batchOf: batch.reduce(0) { $0 + $1.work.images.count }, waits: batch.map { now - $0.arrival })
  }

  private func report() {
    guard let observer else { return }
    // Under the lock, so that the latest report is the latest state.
    state.withLock { state in
      observer.engineHas(waiting: state.waiting.count, running: state.running.count)
    }
  }

  private func run(_ batch: [Request], isLast: Bool) async {
    let start = ContinuousClock.now
    do {
      let outputs = try await model.outputs(batch.map(\.work), isLast: isLast)
      for (request, outputs) in zip(batch, outputs) { answer(request, outputs) }
    } catch  where batch.count > 1 {
      // What is wrong with one is no other's trouble.
      for request in batch where isAwaited(request) { await runAlone(request) }
    } catch {
      answer(batch[0], .failure(error))
    }
    let count = batch.reduce(0) { $0 + $1.work.images.count }
    let gatherEnd = state.withLock { state in
      state.isBusy = false
      state.running = []
      state.task = nil
      let now = ContinuousClock.now
      state.gathering.batchEnded(count: count, took: now - start, waiting: state.waitingCount, now: now)
      return state.gathering.end
    }
    startNext()
    guard let gatherEnd else { return }
    Task.detached { [weak self] in
      try? await Task.sleep(until: gatherEnd, clock: .continuous)
      self?.startNext()
    }
  }

  private func runAlone(_ request: Request) async {
    do {
      answer(request, try await model.outputs([request.work], isLast: false)[0])
    } catch {
      answer(request, .failure(error))
    }
  }

  private func isAwaited(_ request: Request) -> Bool {
    state.withLock { state in state.running.contains { $0.id == request.id } }
  }

  private func answer(_ request: Request, _ result: Result<[[GenerationOutput]], any Error>) {
    let isAwaited = state.withLock { state in
      let index = state.running.firstIndex { $0.id == request.id }
      return index.map { state.running.remove(at: $0) } != nil
    }
    if isAwaited { request.continuation.resume(with: result) }
  }
}
