import Testing

@testable import Vignette

@Suite struct GatheringTests {
  private let start = ContinuousClock.now

  private func gathering(count: Int, waiting: Int, took seconds: Double = 1) -> Gathering {
    var gathering = Gathering(limit: .milliseconds(50), batchSize: 8)
    gathering.batchEnded(count: count, took: .seconds(seconds), waiting: waiting, now: start)
    return gathering
  }

  @Test func oneClientNeverWaits() {
    let gathering = gathering(count: 1, waiting: 0)
    #expect(gathering.end == nil)
    #expect(!gathering.waits(1, now: start))
  }

  @Test func whoWaitedForABatchIsJoinedByItsClients() {
    let gathering = gathering(count: 7, waiting: 1)
    #expect(gathering.waits(1, now: start))
    #expect(gathering.waits(7, now: start + .milliseconds(49)))
    #expect(!gathering.waits(8, now: start + .milliseconds(49)))
  }

  @Test func twoClientsThatTookTurnsAreComputedTogether() {
    let gathering = gathering(count: 1, waiting: 1)
    #expect(gathering.waits(1, now: start))
    #expect(!gathering.waits(2, now: start))
  }

  @Test func noBatchWaitsLongOrForMoreThanItTakes() {
    let gathering = gathering(count: 4, waiting: 0)
    #expect(!gathering.waits(3, now: start + .milliseconds(51)))
    let short = self.gathering(count: 4, waiting: 0, took: 0.01)
    #expect(short.waits(3, now: start + .milliseconds(1)))
    #expect(!short.waits(3, now: start + .milliseconds(3)))
    #expect(self.gathering(count: 8, waiting: 20).end == nil)
    #expect(Gathering(limit: .zero, batchSize: 8).end == nil)
  }
}
