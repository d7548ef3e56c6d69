import Foundation

/// Loads the elements of a sequence ahead of their use, on threads of its own.
///
/// Values come out in the order of the items, whichever thread is done first, and a failure comes out as a value in
/// its item's position. At most `capacity` items are loaded or being loaded and not yet handed over; no more than one
/// further is taken from the sequence, which may be endless.
///
/// There is one consumer: `next` where a thread may wait, `value` where a task does.
package final class PrefetchQueue<Item: Sendable, Value: Sendable>: Sendable {
  private let state: State

  /// Starts to load.
  ///
  /// - Parameters:
  ///   - workers: How many threads load. With none, `next` itself loads when it is called.
  ///   - capacity: How many items may be held, at least one.
  package init(
    _ items: sending some Sequence<Item>, workers: Int, capacity: Int,
    load: @escaping @Sendable (Item) throws -> Value
  ) {
    var items = items.makeIterator()
    state = State(source: { items.next() }, workers: workers, capacity: capacity, load: load)
    state.start()
  }

  /// Starts to load what ``push(_:)`` will bring.
  package init(workers: Int, capacity: Int, load: @escaping @Sendable (Item) throws -> Value) {
    precondition(workers > 0, "what is pushed is loaded on a thread")
    state = State(source: nil, workers: workers, capacity: capacity, load: load)
    state.start()
  }

  deinit { state.stop() }

  /// Adds an item, waiting for room. There is one task that does so.
  package func push(_ item: Item) async {
    await withCheckedContinuation { state.push(item, $0) }
  }

  /// Says that no more items will be pushed.
  package func finish() { state.finish() }

  /// The value of the next item, the thread waiting for it if need be; nil after the last one or after `cancel`.
  package func next() -> Result<Value, any Error>? { state.next() }

  /// The value of the next item, the task waiting for it if need be; nil after the last one or after `cancel`, which
  /// a cancelled task does.
  package func value() async -> Result<Value, any Error>? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { state.next($0) }
    } onCancel: {
      state.stop()
    }
  }

  /// Whether all items have been handed over. It is known as soon as the last one is.
  package var isDrained: Bool { state.isDrained }

  /// How many items are loaded, or will be, and not handed over.
  package var heldCount: Int { state.heldCount }

  /// Ends the threads, after the items that they are loading, and drops what was loaded.
  package func cancel() {
    state.stop()
    state.waitForThreads()
  }

  /// What the threads share; `condition` guards it, but for the source, which `turn` does: a sequence may take its
  /// time.
  private final class State: @unchecked Sendable {
    private let turn = NSLock()
    private let source: (() -> Item?)?
    private var ahead: Item?
    private var hasBegun = false

    private let capacity: Int
    private var workers: Int
    private let load: @Sendable (Item) throws -> Value

    private let condition = NSCondition()
    private var pushed: [Item] = []
    private var taken = 0
    private var handedOver = 0
    private var loaded: [Int: Result<Value, any Error>] = [:]
    private var running: Int
    /// Whether no item will come that isn't taken or pushed.
    private var isOver = false
    private var isStopped = false
    private var consumer: CheckedContinuation<Result<Value, any Error>?, Never>?
    private var producer: CheckedContinuation<Void, Never>?

    init(
      source: (() -> Item?)?, workers: Int, capacity: Int, load: @escaping @Sendable (Item) throws -> Value
    ) {
      precondition(workers >= 0 && capacity > 0, "a queue has room for an item")
      self.source = source
      self.workers = workers
      self.capacity = capacity
      self.load = load
      running = workers
    }

    /// Starts the threads, before anybody else knows of the queue. Where the system gives fewer, those do; where it gives
    /// none, whoever asks for a value loads it.
    func start() {
      let started = (0..<workers).prefix { _ in
        (try? QuietThread.start("vignette-read") { self.work() }) != nil
      }
      condition.withLock {
        running -= workers - started.count
        workers = started.count
      }
    }

    private func work() {
      while let (index, item) = take() {
        let value = Result { try load(item) }
        change { if !isStopped { loaded[index] = value } }
      }
      change { running -= 1 }
    }

    /// Changes the state, and wakes whom the change lets go on.
    private func change(_ body: () -> Void) {
      let (producer, consumer, value) = condition.withLock {
        body()
        condition.broadcast()
        return wake()
      }
      producer?.resume()
      consumer?.resume(returning: value)
    }

    private func wake() -> (
      CheckedContinuation<Void, Never>?, CheckedContinuation<Result<Value, any Error>?, Never>?,
      Result<Value, any Error>?
    ) {
      var (woken, value): (CheckedContinuation<Result<Value, any Error>?, Never>?, Result<Value, any Error>?)
      if consumer != nil, !mustWait {
        value = handOver()
        (woken, consumer) = (consumer, nil)
      }
      guard producer != nil, isStopped || taken + pushed.count - handedOver < capacity else {
        return (nil, woken, value)
      }
      defer { producer = nil }
      return (producer, woken, value)
    }

    // MARK: Items

    /// The next item; nil ends the thread.
    private func take() -> (Int, Item)? {
      turn.withLock {
        guard source != nil else { return takePushed() }
        let hasRoom = condition.withLock {
          while !isStopped && !isOver && taken - handedOver >= capacity { condition.wait() }
          return !isStopped && !isOver
        }
        guard hasRoom else { return nil }
        // One item further is looked for, so that the last one is known to be it when it is handed over.
        if !hasBegun { ahead = source?() }
        hasBegun = true
        let item = ahead
        ahead = item == nil ? nil : source?()
        let index = taken
        change {
          if item != nil { taken += 1 }
          isOver = ahead == nil
        }
        return item.map { (index, $0) }
      }
    }

    private func takePushed() -> (Int, Item)? {
      condition.withLock {
        while !isStopped && !isOver && pushed.isEmpty { condition.wait() }
        guard !isStopped, !pushed.isEmpty else { return nil }
        taken += 1
        return (taken - 1, pushed.removeFirst())
      }
    }

    func push(_ item: Item, _ continuation: CheckedContinuation<Void, Never>) {
      change {
        pushed.append(item)
        producer = continuation
      }
    }

    func finish() { change { isOver = true } }

    // MARK: Values

    /// Whether the next value isn't there yet.
    private var mustWait: Bool {
      !isStopped && loaded[handedOver] == nil && !(isOver && pushed.isEmpty && handedOver == taken)
    }

    private func handOver() -> Result<Value, any Error>? {
      guard !isStopped, let value = loaded.removeValue(forKey: handedOver) else { return nil }
      handedOver += 1
      return value
    }

    func next() -> Result<Value, any Error>? {
      guard workers > 0 else { return loadNext() }
      return condition.withLock {
        while mustWait { condition.wait() }
        defer { condition.broadcast() }
        return handOver()
      }
    }

    func next(_ continuation: CheckedContinuation<Result<Value, any Error>?, Never>) {
      guard workers > 0 else { return continuation.resume(returning: loadNext()) }
      change { consumer = continuation }
    }

    private func loadNext() -> Result<Value, any Error>? {
      guard let (_, item) = take() else { return nil }
      condition.withLock { handedOver += 1 }
      return Result { try load(item) }
    }

    var isDrained: Bool { condition.withLock { isOver && pushed.isEmpty && handedOver == taken } }

    var heldCount: Int { condition.withLock { taken + pushed.count - handedOver } }

    func stop() {
      change {
        isStopped = true
        loaded = [:]
        pushed = []
      }
    }

    func waitForThreads() {
      condition.withLock { while running > 0 { condition.wait() } }
    }
  }
}
