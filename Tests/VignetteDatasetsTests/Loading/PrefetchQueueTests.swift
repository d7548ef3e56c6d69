import VignetteDatasets
import Foundation
import Synchronization
import Testing

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

  @Test(arguments: [true, false], [0, 2])
  func aLoaderHandsOverBatches(group: Bool, workers: Int) throws {
    let dataset = CaptionDataset(
      images: (0..<30).map { index in
        CaptionedImage(
          id: index, fileName: "\(index)", path: "\(index)",
          captions: (0..<3).map { ReferenceCaption(id: 3 * index + $0, text: "") })
      })
    let plan = BatchPlan(dataset, batchSize: 6, groupCaptions: group, shuffle: group, seed: 3)
    let batches = plan.batches(epoch: 1)
    let loads = Mutex(0)
    let loader = BatchLoader(batches, from: 2, workers: workers, capacity: 5) { (image: Int) -> Int in
      loads.withLock { $0 += 1 }
      if image == 17 { throw Bad(item: image) }
      return image * 100
    }
    for batch in batches.dropFirst(2) {
      let loaded = try #require(loader.next())
      #expect(loaded.items == batch)
      #expect(loaded.images.count == 2 && Set(loaded.images) == Set(batch.map(\.image)))
      #expect(loaded.values.map { try? $0.get() } == loaded.images.map { $0 == 17 ? nil : $0 * 100 })
    }
    #expect(loader.next() == nil)
    #expect(loads.withLock { $0 } == 26)
  }
}
