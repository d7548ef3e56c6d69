import Foundation

/// Loads the elements of a sequence ahead of their use, on threads of its own.
///
/// Values come out in the order of the items, whichever thread is done first, and a failure comes out as a value in
/// its item's place. At most `capacity` items are loaded or being loaded and not yet handed over.
public final class PrefetchQueue<Item: Sendable, Value: Sendable>: Sendable {
  private let state: State

  /// Starts to load.
  ///
  /// - Parameters:
  ///   - workers: How many threads load. With none, `next` itself loads when it is called.
  ///   - capacity: How many items may be held, at least one.
  public init(
    _ items: [Item], workers: Int, capacity: Int, load: @escaping @Sendable (Item) throws -> Value
  ) {
    precondition(workers >= 0 && capacity > 0, "a queue has room for an item")
    state = State(items: items, capacity: capacity, workers: min(workers, items.count), load: load)
    for _ in 0..<state.workers {
      let thread = Thread { [state] in state.work() }
      thread.name = "prefetch"
      thread.start()
    }
  }

  deinit { cancel() }

  /// The value of the next item, waiting for it if need be; nil after the last one or after `cancel`.
  public func next() -> Result<Value, any Error>? { state.next() }

  /// Ends the threads, after the items that they are loading, and drops what was loaded.
  public func cancel() { state.cancel() }

  /// What the threads share; `condition` guards it.
  private final class State: @unchecked Sendable {
    let items: [Item]
    let capacity: Int
    let workers: Int
    let load: @Sendable (Item) throws -> Value

    private let condition = NSCondition()
    private var taken = 0
    private var handedOver = 0
    private var loaded: [Int: Result<Value, any Error>] = [:]
    private var running: Int
    private var isCancelled = false

    init(
      items: [Item], capacity: Int, workers: Int, load: @escaping @Sendable (Item) throws -> Value
    ) {
      self.items = items
      self.capacity = capacity
      self.workers = workers
      self.load = load
      running = workers
    }

    func work() {
      while let index = take() {
        let value = Result { try load(items[index]) }
        condition.withLock {
          if !isCancelled { loaded[index] = value }
          condition.broadcast()
        }
      }
    }

    // Nil ends the thread.
    private func take() -> Int? {
      condition.withLock {
        while !isCancelled && taken < items.count && taken - handedOver >= capacity { condition.wait() }
        guard !isCancelled && taken < items.count else {
          running -= 1
          condition.broadcast()
          return nil
        }
        taken += 1
        return taken - 1
      }
    }

    func next() -> Result<Value, any Error>? {
      guard workers > 0 else { return loadNext() }
      return condition.withLock {
        while !isCancelled && handedOver < items.count && loaded[handedOver] == nil { condition.wait() }
        guard !isCancelled, let value = loaded.removeValue(forKey: handedOver) else { return nil }
        handedOver += 1
        condition.broadcast()
        return value
      }
    }

    private func loadNext() -> Result<Value, any Error>? {
      guard let index = take() else { return nil }
      condition.withLock { handedOver += 1 }
      return Result { try load(items[index]) }
    }

    func cancel() {
      condition.withLock {
        isCancelled = true
        loaded = [:]
        condition.broadcast()
        while workers > 0 && running > 0 { condition.wait() }
      }
    }
  }
}
