import Foundation
import Synchronization
import Testing
import VignetteFiles

@Suite struct PrefetchQueueTests {
  struct Bad: Error, Equatable { let item: Int }

  /// Counts how many items are held.
  final class Gauge: Sendable {
    let state = Mutex((held: 0, most: 0, loads: 0))
    func load() {
      state.withLock {
        $0.held += 1
        $0.loads += 1
        $0.most = max($0.most, $0.held)
      }
    }
    func use() { state.withLock { $0.held -= 1 } }
  }

  @Test(arguments: [0, 1, 4], [1, 3, 100])
  func keepsTheOrderAndTheBound(workers: Int, capacity: Int) {
    let gauge = Gauge()
    let queue = PrefetchQueue(Array(0..<200), workers: workers, capacity: capacity) { item in
      gauge.load()
      // The later of two items is often ready first.
      Thread.sleep(forTimeInterval: item % 2 == 0 ? 0.0004 : 0)
      if item % 10 == 3 { throw Bad(item: item) }
      return item * item
    }
    var index = 0
    while let result = queue.next() {
      gauge.use()
      switch result {
      case .success(let value): #expect(value == index * index)
      case .failure(let error): #expect(index % 10 == 3 && error as? Bad == Bad(item: index))
      }
      index += 1
    }
    #expect(index == 200)
    // The one that is being handed over still counts here.
    #expect(gauge.state.withLock { $0.most } <= capacity + 1)
    #expect(queue.next() == nil)
  }

  @Test func loadsAheadOfUse() throws {
    let gauge = Gauge()
    let queue = PrefetchQueue(Array(0..<10), workers: 2, capacity: 4) { (item: Int) -> Int in
      gauge.load()
      return item
    }
    let deadline = Date().addingTimeInterval(10)
    while gauge.state.withLock({ $0.loads }) < 4, Date() < deadline { Thread.sleep(forTimeInterval: 0.001) }
    Thread.sleep(forTimeInterval: 0.02)
    #expect(gauge.state.withLock { $0.loads } == 4)
    #expect(try queue.next()?.get() == 0)
  }

  @Test(arguments: [0, 3])
  func cancelsAnywhere(workers: Int) throws {
    let gauge = Gauge()
    let queue = PrefetchQueue(Array(0..<10_000), workers: workers, capacity: 8) { (item: Int) -> Int in
      gauge.load()
      return item
    }
    for index in 0..<5 { #expect(try queue.next()?.get() == index) }
    queue.cancel()
    #expect(queue.next() == nil)
    let loads = gauge.state.withLock { $0.loads }
    Thread.sleep(forTimeInterval: 0.01)
    #expect(gauge.state.withLock { $0.loads } == loads && loads < 30)
    queue.cancel()
  }

  @Test func aForgottenQueueEnds() {
    let alive = Mutex(0)
    final class Token: Sendable {}
    weak var token: Token?
    do {
      let strong = Token()
      token = strong
      let queue = PrefetchQueue(Array(0..<1000), workers: 2, capacity: 4) { [strong] (item: Int) -> Int in
        _ = strong
        return item
      }
      _ = queue.next()
    }
    alive.withLock { $0 += 1 }
    let deadline = Date().addingTimeInterval(10)
    while token != nil, Date() < deadline { Thread.sleep(forTimeInterval: 0.001) }
    #expect(token == nil)
  }

  @Test func noItemsAreNoValues() {
    let queue = PrefetchQueue([Int](), workers: 2, capacity: 1) { $0 }
    #expect(queue.next() == nil)
  }

  @Test(arguments: [1, 3], [1, 4, 100])
  func aTaskWaitsWithoutAThread(workers: Int, capacity: Int) async {
    let queue = PrefetchQueue(0..<100, workers: workers, capacity: capacity) { (item: Int) -> Int in
      if item % 10 == 3 { throw Bad(item: item) }
      return item * item
    }
    for item in 0..<100 {
      #expect(queue.isDrained == false)
      let value = await queue.value()
      let expected: Int? = item % 10 == 3 ? nil : item * item
      let found: Int? = value.flatMap { try? $0.get() }
      #expect(value != nil && found == expected)
    }
    // That the last one was it is known without asking for another.
    #expect(queue.isDrained)
    #expect(await queue.value() == nil)
  }

  /// An endless sequence is read no further than there is room, and one item that tells whether there are more.
  @Test func sequencesAreReadAsTheyAreNeeded() async throws {
    let taken = Mutex(0)
    let endless = sequence(first: 0) { item in
      taken.withLock { $0 += 1 }
      return item + 1
    }
    let queue = PrefetchQueue(endless, workers: 2, capacity: 4) { $0 }
    for item in 0..<50 {
      #expect(try await queue.value()?.get() == item)
      #expect(taken.withLock { $0 } <= item + 1 + 4 + 1)
    }
    queue.cancel()
  }

  @Test func whatIsPushedComesOut() async throws {
    let queue = PrefetchQueue<Int, Int>(workers: 2, capacity: 3) { 2 * $0 }
    async let pushing: Void = {
      for item in 0..<100 { await queue.push(item) }
      queue.finish()
    }()
    for item in 0..<100 {
      #expect(try await queue.value()?.get() == 2 * item)
      // The one whose push has ended with this, and the one that is being pushed.
      #expect(queue.heldCount <= 4)
    }
    #expect(await queue.value() == nil && queue.isDrained)
    await pushing
  }

  /// A task that is cancelled waits no longer, and nothing is loaded for it.
  @Test func aCancelledTaskGetsNothing() async {
    let queue = PrefetchQueue<Int, Int>(workers: 1, capacity: 3) { $0 }
    let waiting = Task { await queue.value() }
    waiting.cancel()
    #expect(await waiting.value == nil)
    await queue.push(1)
    #expect(await queue.value() == nil)
  }
}
