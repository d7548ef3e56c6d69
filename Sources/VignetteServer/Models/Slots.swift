#if Network
  import Synchronization

  /// Room for the images that wait for a model or are being captioned. Who finds none is refused.
  final class Slots: Sendable {
    let capacity: Int
    private let taken = Mutex(0)

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Room for so many images, as long as the slot lives. A request of more images than there is room in all has its
    /// turn where nobody else has any.
    ///
    /// - Throws: `RequestError` where there is none.
    func take(_ count: Int) throws(RequestError) -> Slot {
      let isTaken = taken.withLock { taken in
        guard taken == 0 || count <= capacity - taken else { return false }
        taken += count
        return true
      }
      guard isTaken else { throw .queueIsFull(capacity, retryAfter: 1) }
      return Slot(count) { [weak self] in self?.taken.withLock { $0 -= count } }
    }

    var count: Int { taken.withLock { $0 } }
  }

  final class Slot: Sendable {
    let count: Int
    private let end: @Sendable () -> Void

    init(_ count: Int, end: @escaping @Sendable () -> Void) {
      self.count = count
      self.end = end
    }

    deinit { end() }
  }
#endif
