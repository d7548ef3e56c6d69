import Synchronization
package import Vignette
package import VignetteImages
package import VignetteModels

/// What a job asks for captions: a captioner with its options, or a test's.
package protocol BatchCaptioner: Sendable {
  /// The captions of images as the processor leaves them, in their order, or why one has none.
  ///
  /// - Parameter isLast: whether no other batch is expected soon.
  /// - Throws: what ends the job.
  func captions(of images: [RGBImage], isLast: Bool) async throws -> [Result<[Caption], any Error>]
}

/// A captioner with what it is to do otherwise than its checkpoint says.
package struct ConfiguredCaptioner: BatchCaptioner {
  private let captioner: Captioner
  private let generation: GenerationOptions

  package init(_ captioner: Captioner, _ generation: GenerationOptions) {
    self.captioner = captioner
    self.generation = generation
  }

  package func captions(of images: [RGBImage], isLast: Bool) async throws -> [Result<[Caption], any Error>] {
    let prepared = images.map {
      PreparedImage(pixels: $0, originalWidth: $0.width, originalHeight: $0.height)
    }
    return try await captioner.results(
      of: prepared.map { .success($0) }, generation: generation, isLast: isLast)
  }
}

/// The model of a job: loaded when the first image needs it, fed with batches that fit into memory, and watched for how
/// busy it is.
final class ModelWorker: Sendable {
  private let load: @Sendable () async throws -> any BatchCaptioner
  private let mayShrink: Bool
  private let state: Mutex<State>

  private struct State {
    var loading: Task<any BatchCaptioner, any Error>?
    var batchSize: Int
    var running = 0
    var begin: ContinuousClock.Instant?
    var first: ContinuousClock.Instant?
    var last: ContinuousClock.Instant?
    var busy = Duration.zero
  }

  /// What is tried first where nobody says a size; larger ones bring nothing on a processor.
  private static let batchSize = 16

  /// - Parameter batchSize: nil for as large a one as is useful and fits.
  init(batchSize: Int?, _ load: @escaping @Sendable () async throws -> any BatchCaptioner) {
    self.load = load
    mayShrink = batchSize == nil
    state = Mutex(State(batchSize: max(1, batchSize ?? Self.batchSize)))
  }

  var batchSize: Int { state.withLock { $0.batchSize } }

  /// How long it computed, and how long from its first image to its last; nil where it was never needed.
  var times: (busy: Duration, whole: Duration)? {
    state.withLock { state in
      guard let first = state.first, let last = state.last else { return nil }
      return (state.busy, last - first)
    }
  }

  /// The captions of images, which are computed in batches of similar size.
  func captions(of images: [RGBImage], isLast: Bool) async throws -> [Result<[Caption], any Error>] {
    guard !images.isEmpty else { return [] }
    let captioner = try await loaded()
    begin()
    defer { end() }
    // A processor that keeps proportions leaves several sizes; equal ones share a batch.
    let order = images.indices.sorted { left, right in
      let (left, right) = (images[left], images[right])
      return (left.height, left.width) < (right.height, right.width)
    }
    var results: [Int: Result<[Caption], any Error>] = [:]
    var rest = order[...]
    while !rest.isEmpty {
      try Task.checkCancellation()
      let batch = Self.batch(rest, images, size: batchSize)
      do {
        let isLast = isLast && batch.count == rest.count
        let captions = try await captioner.captions(of: batch.map { images[$0] }, isLast: isLast)
        if captions.contains(where: Self.lacksMemory), shrink(below: batch.count) { continue }
        for (index, result) in zip(batch, captions) { results[index] = result }
      } catch is TensorMemoryError where shrink(below: batch.count) {
        continue
      }
      rest = rest.dropFirst(batch.count)
    }
    return images.indices.map { results[$0] ?? .failure(ImageFailure("it got no caption")) }
  }

  /// The next images, of one size, or of several where no more are of the first's.
  private static func batch(_ rest: ArraySlice<Int>, _ images: [RGBImage], size: Int) -> ArraySlice<Int> {
    let first = rest.first.map { images[$0] }
    let like = rest.prefix(size).prefix {
      images[$0].height == first?.height && images[$0].width == first?.width
    }
    return like.isEmpty ? rest.prefix(1) : like
  }

  private static func lacksMemory(_ result: Result<[Caption], any Error>) -> Bool {
    if case .failure(let error) = result { error is TensorMemoryError } else { false }
  }

  /// Makes batches smaller than one that didn't fit; false where that can't be.
  private func shrink(below count: Int) -> Bool {
    guard mayShrink, count > 1 else { return false }
    state.withLock { $0.batchSize = min($0.batchSize, count / 2) }
    return true
  }

  /// The captioner, which one of several callers begins to load.
  private func loaded() async throws -> any BatchCaptioner {
    let loading = state.withLock { state in
      let loading = state.loading ?? Task { [load] in try await load() }
      state.loading = loading
      return loading
    }
    return try await loading.value
  }

  private func begin() {
    let now = ContinuousClock.now
    state.withLock { state in
      if state.first == nil { state.first = now }
      if state.running == 0 { state.begin = now }
      state.running += 1
    }
  }

  private func end() {
    let now = ContinuousClock.now
    state.withLock { state in
      state.running -= 1
      state.last = now
      if state.running == 0, let begin = state.begin { state.busy += now - begin }
    }
  }
}
