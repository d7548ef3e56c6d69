/// How long the first of a batch waits for others.
///
/// Clients whose captions came together ask for the next ones a moment later. Whoever is first among them, or waited
/// for the batch's end, would be computed alone, and the others after it.
struct Gathering {
  /// The longest wait.
  let limit: Duration
  let batchSize: Int
  /// Until when the next batch may wait, and for how many images.
  private(set) var end: ContinuousClock.Instant?
  private var expectedCount = 0

  init(limit: Duration, batchSize: Int) {
    self.limit = limit
    self.batchSize = batchSize
  }

  /// A batch of `count` images that took `time` has ended, while `waiting` images waited.
  mutating func batchEnded(count: Int, took time: Duration, waiting: Int, now: ContinuousClock.Instant) {
    expectedCount = min(batchSize, count + waiting)
    // A small part of what a batch takes.
    let pause = min(limit, time / 5)
    end = pause > .zero && waiting < expectedCount && expectedCount > 1 ? now + pause : nil
  }

  /// Whether those that wait, `waiting` images, had better wait for others.
  func waits(_ waiting: Int, now: ContinuousClock.Instant) -> Bool {
    guard let end else { return false }
    return waiting < expectedCount && now < end
  }
}
