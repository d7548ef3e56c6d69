import Synchronization
import VignetteFiles
import VignetteImages
import VignetteModels

/// What became of one of many images.
public struct CaptionResult: Sendable {
  /// The image's position among those given, from 0.
  public let index: Int
  /// Its captions, the best first (`numReturnSequences`), or why it has none.
  public let result: Result<[Caption], any Error>

  /// The best caption.
  ///
  /// - Throws: why the image has none.
  public var caption: Caption {
    // An image that is captioned has at least one caption.
    get throws { try result.get()[0] }
  }
}

/// The captions of many images, in the order of the images: what a ``Captioner`` returns for a sequence of them.
///
/// Images are read ahead on other threads while the model works on those before, no more than a batch ahead. The
/// model works while the sequence is asked for its next element. It can be iterated once.
public struct CaptionSequence: AsyncSequence, Sendable {
  public typealias Element = CaptionResult
  public typealias Failure = any Error

  let run: any CaptionRun

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(run: run) }

  public struct AsyncIterator: AsyncIteratorProtocol {
    let run: any CaptionRun
    private var index = 0
    private var ready: ArraySlice<Result<[Caption], any Error>> = []

    init(run: any CaptionRun) { self.run = run }

    /// - Throws: what is wrong with the options or the model, and not with an image; `CancellationError`.
    public mutating func next() async throws -> CaptionResult? {
      try Task.checkCancellation()
      if ready.isEmpty { ready = try await run.nextBatch()[...] }
      guard let result = ready.popFirst() else { return nil }
      defer { index += 1 }
      return CaptionResult(index: index, result: result)
    }
  }
}

/// The reading and captioning of a sequence's images; it ends when nobody iterates any more.
protocol CaptionRun: Sendable {
  /// The results of the next images; none after the last.
  func nextBatch() async throws -> [Result<[Caption], any Error>]
}

extension Captioner {
  /// How many images may be read before they are needed: a batch while another is computed.
  fileprivate var imagesAhead: Int { batchSize > .max / 2 ? .max : 2 * batchSize }
}

/// Images of a sequence, which are there when they are asked for: batches are full.
final class SequenceRun<Item: ImageSourceConvertible>: CaptionRun {
  private let queue: PrefetchQueue<Item, PreparedImage>
  private let captioner: Captioner
  private let generation: GenerationOptions

  init(_ images: sending some Sequence<Item>, _ captioner: Captioner, _ generation: GenerationOptions) {
    queue = captioner.reader.queue(images, capacity: captioner.imagesAhead)
    self.captioner = captioner
    self.generation = generation
  }

  func nextBatch() async throws -> [Result<[Caption], any Error>] {
    var images: [Result<PreparedImage, any Error>] = []
    while images.count < captioner.batchSize, let image = await queue.value() { images.append(image) }
    try Task.checkCancellation()
    return try await captioner.results(of: images, generation: generation, isLast: queue.isDrained)
  }
}

/// Images of an asynchronous sequence, which come in their own time: those that are there make a batch.
final class StreamRun<Item: ImageSourceConvertible>: CaptionRun {
  private let queue: PrefetchQueue<Item, PreparedImage>
  private let captioner: Captioner
  private let generation: GenerationOptions
  private let feeding: Task<Void, any Error>

  init<Images: AsyncSequence & SendableMetatype>(
    _ images: sending Images, _ captioner: Captioner, _ generation: GenerationOptions
  ) where Images.Element == Item, Images.AsyncIterator: SendableMetatype {
    let queue = captioner.reader.queue(of: Item.self, capacity: captioner.imagesAhead)
    self.queue = queue
    self.captioner = captioner
    self.generation = generation
    feeding = Task {
      defer { queue.finish() }
      for try await image in images {
        try Task.checkCancellation()
        await queue.push(image)
      }
    }
  }

  deinit { feeding.cancel() }

  func nextBatch() async throws -> [Result<[Caption], any Error>] {
    var images: [Result<PreparedImage, any Error>] = []
    repeat {
      guard let image = await queue.value() else { break }
      images.append(image)
    } while images.count < captioner.batchSize && queue.heldCount > 0
    try Task.checkCancellation()
    // What the sequence of images threw comes after those that it had given.
    if images.isEmpty { try await feeding.value }
    return try await captioner.results(of: images, generation: generation, isLast: queue.isDrained)
  }
}
