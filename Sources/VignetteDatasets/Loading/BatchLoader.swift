import Synchronization
import VignetteFiles

/// Hands over the batches of an epoch together with what was loaded for their images.
///
///     let loader = BatchLoader(plan.batches(epoch: 3), from: 120, workers: 2, capacity: 64) { image in
///       try pixelValues(of: dataset.images[image].path)
///     }
///     while let batch = loader.next() { … }
public final class BatchLoader<Value: Sendable>: Sendable {
  public struct Batch: Sendable {
    public let items: ArraySlice<BatchItem>
    /// The images of the batch, each once, in the order in which they first occur.
    public let images: [Int]
    /// For each of `images` what was loaded, or why that failed.
    public let values: [Result<Value, any Error>]
  }

  private let batches: EpochBatches
  private let queue: PrefetchQueue<Int, Value>
  private let position: Mutex<Int>

  /// Starts to load.
  ///
  /// - Parameters:
  ///   - first: The first batch to hand over, for a run that goes on in the middle of an epoch.
  ///   - workers: How many threads load (`--dataloader-num-workers`); with none, `next` loads.
  ///   - capacity: How many images are held ahead of their batch at most.
  ///   - load: Makes the value of the image at an index of the data set.
  public init(
    _ batches: EpochBatches, from first: Int = 0, workers: Int, capacity: Int,
    load: @escaping @Sendable (Int) throws -> Value
  ) {
    self.batches = batches
    position = Mutex(first)
    let images = batches.dropFirst(first).flatMap(Self.images)
    queue = PrefetchQueue(images, workers: workers, capacity: capacity, load: load)
  }

  /// The next batch, waiting for it if need be; nil after the last one or after `cancel`.
  public func next() -> Batch? {
    position.withLock { position in
      guard position < batches.count else { return nil }
      let images = Self.images(batches[position])
      let values = images.compactMap { _ in queue.next() }
      guard values.count == images.count else { return nil }
      defer { position += 1 }
      return Batch(items: batches[position], images: images, values: values)
    }
  }

  /// Ends the loading threads.
  public func cancel() { queue.cancel() }

  private static func images(_ items: ArraySlice<BatchItem>) -> [Int] {
    var seen: Set<Int> = []
    return items.map(\.image).filter { seen.insert($0).inserted }
  }
}
