import Foundation
import Synchronization
import Testing
import Vignette
import VignetteFiles
import VignetteHub
import VignetteTestSupport

private let handledSignals = Atomic(0)

/// Many tasks and one model.
@Suite(.serialized) struct EngineTests {
  static let folder = CaptionerTests.folder
  static let scene = CaptionerTests.scene

  /// Keeps the compute thread from all others until it is let go.
  final class Blocker: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let task: Task<Void, Never>

    init() async {
      let (began, begin) = AsyncStream.makeStream(of: Void.self)
      task = Task { [gate] in
        await ComputeThread.shared.run {
          begin.finish()
          gate.wait()
        }
      }
      for await _ in began {}
    }

    func release() async {
      gate.signal()
      await task.value
    }
  }

  /// A picture of one colour for each number.
  static func image(_ number: Int) throws -> ImageSource {
    try .rgb(
      width: 16, height: 16, bytes: (0..<16 * 16 * 3).map { UInt8(truncatingIfNeeded: $0 * (3 + number)) })
  }

  final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
  }

  /// With every request waiting for the model, tasks of the cooperative pool go on.
  @Test func waitingRequestsBlockNoThread() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let blocker = await Blocker()
    let done = Counter()
    let tasks = (0..<64).map { _ in
      Task {
        defer { done.add() }
        return try await captioner.caption(Self.scene, generation: GenerationOptions(maxLength: 6)).text
      }
    }
    for _ in 0..<10_000 { await Task.yield() }
    #expect(done.count == 0)
    await blocker.release()
    var texts: Set<String> = []
    for task in tasks { texts.insert(try await task.value) }
    #expect(texts.count == 1 && done.count == 64)
  }

  /// While captions are computed one after the other, a loop of yields gets its turn between them.
  @Test func pingsAreAnsweredBetweenCaptions() async throws {
    var options = CaptionerOptions()
    options.batchSize = 1
    let captioner = try await Captioner(modelAt: Self.folder, options: options)
    let pings = Counter()
    let pinging = Task {
      while !Task.isCancelled {
        pings.add()
        await Task.yield()
      }
    }
    let tasks = (0..<16).map { number in
      Task {
        _ = try await captioner.caption(Self.image(number), generation: GenerationOptions(maxLength: 20))
        return pings.count
      }
    }
    var counts: Set<Int> = []
    for task in tasks { counts.insert(try await task.value) }
    pinging.cancel()
    #expect(counts.count > 4, "\(counts)")
  }

  /// Requests that wait together share batches, and get what each gets alone.
  @Test(arguments: [
    GenerationOptions(maxLength: 12), GenerationOptions(maxLength: 12, numBeams: 3, numReturnSequences: 2),
    GenerationOptions(maxLength: 12, doSample: true, numReturnSequences: 2, seed: 7),
  ])
  func batchesOfRequestsAreAsEachAlone(generation: GenerationOptions) async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    var alone: [[Caption]] = []
    for number in 0..<11 {
      alone.append(try await captioner.captions(of: Self.image(number), generation: generation))
    }
    let blocker = await Blocker()
    let tasks = (0..<11).map { number in
      Task { try await captioner.captions(of: Self.image(number), generation: generation) }
    }
    // Others that ask for something else stand between them.
    let others = (0..<11).map { number in
      Task { try await captioner.caption(Self.image(number), generation: GenerationOptions(maxLength: 3)) }
    }
    for _ in 0..<1000 { await Task.yield() }
    await blocker.release()
    for (task, alone) in zip(tasks, alone) {
      let captions = try await task.value
      #expect(captions.map(\.tokenIDs) == alone.map(\.tokenIDs))
      #expect(captions.map(\.text) == alone.map(\.text))
    }
    for task in others { #expect(try await task.value.tokenIDs.count <= 3) }
  }

  /// A request that can't be computed fails alone.
  @Test func whatIsWrongWithOneIsNoOthersTrouble() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let blocker = await Blocker()
    async let good = captioner.caption(Self.image(1))
    async let tooLong = captioner.caption(Self.image(2), generation: GenerationOptions(maxLength: 1_000_000))
    for _ in 0..<1000 { await Task.yield() }
    await blocker.release()
    #expect(try await !good.tokenIDs.isEmpty)
    do {
      _ = try await tooLong
      Issue.record("no caption is that long")
    } catch {}
  }

  /// Cancelled requests end at once, whether they wait or are about to be computed, and those behind them get their
  /// turn.
  @Test func cancelledRequestsEnd() async throws {
    var options = CaptionerOptions()
    options.batchSize = 1
    let captioner = try await Captioner(modelAt: Self.folder, options: options)
    let blocker = await Blocker()
    let tasks = (0..<3).map { _ in Task { try await captioner.caption(Self.scene) } }
    for _ in 0..<1000 { await Task.yield() }
    for task in tasks.dropLast() { task.cancel() }
    for task in tasks.dropLast() {
      await #expect(throws: CancellationError.self) { try await task.value }
    }
    await blocker.release()
    #expect(try await !tasks[2].value.tokenIDs.isEmpty)
    let cancelled = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await captioner.caption(Self.scene)
    }
    await #expect(throws: CancellationError.self) { try await cancelled.value }
  }

  /// A server wants to know at once that there is no room; a sequence of images waits.
  @Test func aFullQueueRefuses() async throws {
    var options = CaptionerOptions()
    options.queueCapacity = 2
    options.refusesWhenFull = true
    let captioner = try await Captioner(modelAt: Self.folder, options: options)
    let blocker = await Blocker()
    let tasks = (0..<5).map { _ in Task { try await captioner.caption(Self.scene) } }
    async let sequence = captioner.captions(of: [Self.scene]).results()
    for _ in 0..<1000 { await Task.yield() }
    await blocker.release()
    var refused = 0
    for task in tasks {
      do { _ = try await task.value } catch CaptionerError.busy(capacity: 2) { refused += 1 }
    }
    #expect(refused >= 3)
    #expect(try await sequence.count == 1)
  }

  @Test func tokensComeBeforeTheirCaption() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let generation = GenerationOptions(maxLength: 12, repetitionPenalty: 1.5)
    var (tokens, captions): ([CaptionToken], [Caption]) = ([], [])
    for try await update in captioner.tokens(of: Self.scene, generation: generation) {
      switch update {
      case .token(let token): tokens.append(token)
      case .caption(let caption): captions.append(caption)
      }
    }
    let caption = try await captioner.caption(Self.scene, generation: generation)
    #expect(captions == [caption])
    #expect(tokens.map(\.tokenID) == Array(caption.tokenIDs.dropFirst()))
    #expect(tokens.map(\.text).joined() == caption.text && !caption.text.isEmpty)
    await #expect(throws: (any Error).self) {
      for try await _ in captioner.tokens(of: Data("no image".utf8)) {}
    }
  }

  /// What else might have stood in a token's position, asked for or not, changes nothing.
  @Test(arguments: [
    GenerationOptions(maxLength: 12), GenerationOptions(maxLength: 12, numBeams: 3, numReturnSequences: 2),
    GenerationOptions(maxLength: 12, doSample: true, numReturnSequences: 2, seed: 7),
  ])
  func alternativesOfTokens(plain: GenerationOptions) async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    var generation = plain
    generation.topLogProbabilities = 3
    let captions = try await captioner.captions(of: Self.scene, generation: generation)
    let expected = try await captioner.captions(of: Self.scene, generation: plain)
    #expect(captions.map(\.tokenIDs) == expected.map(\.tokenIDs))
    #expect(expected.allSatisfy { $0.alternatives.isEmpty })
    for caption in captions {
      #expect(caption.alternatives.count == caption.tokenLogProbabilities.count)
      let tokens = zip(caption.tokenIDs.dropFirst(), caption.tokenLogProbabilities)
      for (alternatives, (tokenID, logProbability)) in zip(caption.alternatives, tokens) {
        #expect(alternatives.count == 3)
        #expect(alternatives.map(\.logProbability) == alternatives.map(\.logProbability).sorted(by: >))
        let own = alternatives.first { $0.tokenID == tokenID }
        #expect(
          own == nil
            ? logProbability <= alternatives[2].logProbability : own?.logProbability == logProbability)
        if plain.doSample != true, plain.numBeams == nil { #expect(alternatives[0].tokenID == tokenID) }
      }
    }
    generation.topLogProbabilities = -1
    await #expect(throws: SettingError.self) {
      try await captioner.captions(of: Self.scene, generation: generation)
    }
  }

  /// Beams change their minds: there is the caption alone.
  @Test func beamsHaveNoTokens() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    var updates: [CaptionUpdate] = []
    for try await update in captioner.tokens(of: Self.scene, generation: GenerationOptions(numBeams: 2)) {
      updates.append(update)
    }
    guard case .caption = updates.first, updates.count == 1 else {
      Issue.record("\(updates)")
      return
    }
  }

  /// A million images are no million values in memory.
  @Test func sequencesAreTakenAsTheyAreNeeded() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let taken = Mutex(0)
    let (image, generation) = (try Self.image(3), GenerationOptions(maxLength: 3))
    let million = (0..<1_000_000).lazy.map { _ in
      taken.withLock { $0 += 1 }
      return image
    }
    var count = 0
    for try await result in captioner.captions(of: million, generation: generation) {
      _ = try result.caption
      count += 1
      if count == 40 { break }
    }
    // Those that were captioned, what is read ahead, and the next.
    let most = 40 + 8 + 2 * 8 + 1
    #expect(taken.withLock { $0 } <= most)
  }

  struct Upstream: Error {}

  /// Images that come in their own time are captioned when they come.
  @Test func asynchronousImagesAreCaptionedAsTheyCome() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let (images, feed) = AsyncThrowingStream.makeStream(of: ImageSource.self)
    feed.yield(try Self.image(0))
    var indices: [Int] = []
    await #expect(throws: Upstream.self) {
      for try await result in captioner.captions(of: images, generation: GenerationOptions(maxLength: 3)) {
        _ = try result.caption
        indices.append(result.index)
        // The next one comes only now.
        if result.index < 4 {
          feed.yield(try Self.image(result.index))
        } else {
          feed.finish(throwing: Upstream())
        }
      }
    }
    #expect(indices == [0, 1, 2, 3, 4])
  }

  @Test func aSequenceEndsWithItsTask() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let (images, feed) = AsyncStream.makeStream(of: ImageSource.self)
    let task = Task { try await captioner.captions(of: images).results().count }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    feed.finish()
  }

  @Test func partsAndNamesAreCaptionersToo() async throws {
    let expected = try await Captioner(modelAt: Self.folder).caption(Self.scene)
    let parts = Captioner(parts: try CaptionerParts(at: Self.folder))
    #expect(try await parts.caption(Self.scene) == expected)
    #expect(try await parts.caption(Data(contentsOf: Self.scene)) == expected)
    #expect(try await Captioner(model: Self.folder.path).caption(Self.scene) == expected)

    let cache = try TemporaryFolder()
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
    for file in files {
      let data = try Data(contentsOf: Self.folder.appendingPathComponent(file))
      try cache.write(data, to: "models--a--b/snapshots/c0ffee/\(file)")
    }
    try cache.write(Data("c0ffee".utf8), to: "models--a--b/refs/main")
    let named = try await Captioner(model: "a/b", cache: HubCache(at: cache.url))
    #expect(try await named.caption(Self.scene) == expected)
    await #expect(throws: HubError.self) {
      _ = try await Captioner(model: "a/c", cache: HubCache(at: cache.url))
    }
  }

  @Test func captionsAreCodable() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let caption = try await captioner.caption(Self.scene, generation: GenerationOptions(numBeams: 2))
    let copy = try JSONDecoder().decode(Caption.self, from: JSONEncoder().encode(caption))
    #expect(copy == caption && copy.hashValue == caption.hashValue && copy.score != nil)
  }

  @Test(arguments: [(2, 2, 11), (2, 2, 13), (0, 4, 0), (-1, -1, 3), (Int.max, 2, 6), (Int.max, Int.max, 3)])
  func rawImagesAreChecked(width: Int, height: Int, count: Int) {
    #expect(throws: CaptionerError.rawImage(width: width, height: height, byteCount: count)) {
      try ImageSource.rgb(width: width, height: height, bytes: [UInt8](repeating: 0, count: count))
    }
  }

  /// No signal's handler runs on the compute thread or on those that it starts.
  @Test func theComputeThreadTakesNoSignals() async throws {
    let blocked = await ComputeThread.shared.run {
      var mask = sigset_t()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      return [SIGTERM, SIGINT, SIGALRM, SIGPROF, SIGUSR1, SIGHUP, SIGSEGV].map { sigismember(&mask, $0) == 1 }
    }
    #expect(blocked == [true, true, true, true, true, true, false])
  }

  /// Whoever has a handler without a stack of its own, as a profiler's timer: it is never run where models compute.
  @Test func signalsSentToTheComputeThreadWait() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let generation = GenerationOptions(maxLength: 24)
    let expected = try await captioner.caption(Self.scene, generation: generation)
    let thread = await ComputeThread.shared.run { Thread(handle: pthread_self()) }
    signal(SIGUSR2) { _ in handledSignals.add(1, ordering: .relaxed) }
    let sender = Task.detached {
      while !Task.isCancelled {
        pthread_kill(thread.handle, SIGUSR2)
        await Task.yield()
      }
    }
    for _ in 0..<10 { #expect(try await captioner.caption(Self.scene, generation: generation) == expected) }
    sender.cancel()
    await sender.value
    #expect(handledSignals.load(ordering: .relaxed) == 0)
  }

  private struct Thread: @unchecked Sendable { let handle: pthread_t }

  /// Captions are found between two tokens to be unwanted: work on the compute thread belongs to its task.
  @Test func workOnTheComputeThreadIsCancelled() async {
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await ComputeThread.shared.run { Task.isCancelled }
    }
    #expect(await task.value)
  }
}
