import Foundation
import Vignette
import VignetteFiles
package import VignetteImages

/// Captions a library of images, however large: reads it, has the model caption what isn't captioned yet, and hands the
/// records to sinks.
///
/// A job that ends in any way at any moment goes on where it was when it is run again with the same journal. What makes that
/// so: an image's entry stands in the journal before a sink gets its record, and a mark stands behind the entries when all sinks have them.
/// Entries without a mark are handed over again, and sinks take a record twice as once. Images are known by their names; an
/// image whose bytes and options are the same is never captioned twice, nor are equal bytes of two names.
package final class LibraryJob {
  private let inputs: ImageInputs
  private let sinks: [any CaptionSink]
  private let review: (any CaptionSink)?
  private let options: JobOptions
  private let recordKey: ContentHash
  private let processor: ImageProcessor
  private let worker: ModelWorker
  private let report: (JobEvent) -> Void
  private var summary = JobSummary()
  /// Folders in which nothing half-written is left.
  private var swept: Set<String> = []

  /// - Parameters:
  ///   - review: what gets the records whose scores are below the least.
  ///   - processor: the model's.
  ///   - load: loads the model; called when the first image needs it, and never where none does.
  ///   - report: told what happens.
  package init(
    _ inputs: ImageInputs, sinks: [any CaptionSink], review: (any CaptionSink)? = nil, options: JobOptions,
    processor: ImageProcessor, report: @escaping (JobEvent) -> Void = { _ in },
    load: @escaping @Sendable () async throws -> any BatchCaptioner
  ) {
    self.inputs = inputs
    self.sinks = sinks
    self.review = review
    self.options = options
    self.processor = processor
    self.report = report
    recordKey = options.recordKey
    worker = ModelWorker(batchSize: options.batchSize, load)
  }

  /// Runs the job to its end.
  ///
  /// - Throws: what is wrong with the places that are written to, before anything is read; what is wrong with the options or
  ///   the model; `CancellationError`. All that was done before can be gone on with.
  package func run() async throws -> JobSummary {
    try options.text.validate()
    let journal = try Journal(at: options.journal, of: options.output)
    do {
      for sink in allSinks { try sink.prepare() }
    } catch {
      journal.removeIfEmpty()
      throw error
    }
    let start = ContinuousClock.now
    try await go(journal)
    for sink in allSinks { try sink.finish() }
    try journal.finish()
    summary.seconds = seconds(ContinuousClock.now - start)
    summary.busySeconds = worker.times.map { seconds($0.busy) }
    summary.modelSeconds = worker.times.map { seconds($0.whole) }
    return summary
  }

  private var allSinks: [any CaptionSink] { sinks + [review].compactMap(\.self) }

  private func seconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }

  // MARK: The way of an image

  /// Images that are captioned and written down together.
  private struct Window {
    var slots: [Slot] = []
    var images: [RGBImage] = []
  }

  /// An image on its way through the model.
  private struct Slot {
    let answer: JobReader.Answer
    /// Its index among the window's images; nil where it needs no model.
    let index: Int?
  }

  private typealias Captions = [Result<[Caption], any Error>]

  private func go(_ journal: Journal) async throws {
    let reader = JobReader(
      processor: processor, maximumPixels: options.maximumPixels,
      minimumSide: options.decodesFast ? processor.sufficientSide : nil, journal: journal,
      captionKey: options.captionKey)
    let ahead = 3 * worker.batchSize
    // Room for one more than are pushed, so that pushing never waits: the same task takes the values.
    let queue = PrefetchQueue<JobReader.Request, JobReader.Answer>(
      workers: max(1, options.readerCount), capacity: ahead + 1
    ) { reader.read($0) }
    var walk = try inputs.walk()
    var isWalked = false
    var window = Window()
    var inFlight: (Window, Task<Captions, any Error>)?
    /// Hashes of the images that are on their way through the model.
    var underway: Set<ContentHash> = []

    func finishInFlight() async throws {
      guard let (window, task) = inFlight else { return }
      inFlight = nil
      let captions = try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
      try write(window, captions, journal)
      for slot in window.slots { if let hash = slot.answer.contentHash { underway.remove(hash) } }
    }
    defer { inFlight?.1.cancel() }

    while true {
      try Task.checkCancellation()
      while !isWalked, queue.heldCount < ahead {
        guard let found = try walk.next() else {
          isWalked = true
          queue.finish()
          break
        }
        if let request = try plan(found, journal) { await queue.push(request) }
        try Task.checkCancellation()
      }
      let answer = try await queue.value()?.get()
      // A task that is cancelled gets no more values.
      try Task.checkCancellation()
      if let answer { try add(answer, to: &window, &underway, journal) }
      let isOver = answer == nil
      guard isOver || isFull(window) else { continue }
      // The next images are with the model before those before them are written down, so that it needn't wait.
      let (next, images, worker) = (window, window.images, self.worker)
      let isLast = isOver || queue.isDrained
      window = Window()
      if images.isEmpty {
        try await finishInFlight()
        try write(next, [], journal)
      } else {
        let task = Task { try await worker.captions(of: images, isLast: isLast) }
        do {
          try await finishInFlight()
        } catch {
          task.cancel()
          throw error
        }
        inFlight = (next, task)
      }
      if isOver { break }
    }
    try await finishInFlight()
  }

  /// Adds an image to those that are captioned together, unless the model has seen its bytes or is about to.
  private func add(
    _ answer: JobReader.Answer, to window: inout Window, _ underway: inout Set<ContentHash>,
    _ journal: Journal
  ) throws {
    var answer = answer
    var index: Int?
    if case .pixels(let image) = answer.content {
      let hash = answer.contentHash
      if let hash, !underway.contains(hash), let captions = try journal.captions(of: hash, options.captionKey)
      {
        // They have been captioned since they were read.
        answer.content = .known(captions)
      } else if hash.map({ underway.insert($0).inserted }) ?? true {
        index = window.images.count
        window.images.append(image)
      }
    }
    window.slots.append(Slot(answer: answer, index: index))
  }

  /// Images of several sizes wait for others of theirs.
  private func isFull(_ window: Window) -> Bool {
    let size = worker.batchSize
    return window.images.count >= (processor.outputSize == nil ? 4 * size : size)
      || window.slots.count >= 8 * size
  }

  // MARK: What is to be done

  /// What has to be read; nil where nothing has, and all that was to be done is done.
  private func plan(_ found: FoundImage, _ journal: Journal) throws -> JobReader.Request? {
    switch found {
    case .problem(let problem):
      summary.problems += 1
      report(.problem(problem))
      return nil
    case .image(let image, let signature):
      return try plan(image, signature, journal)
    }
  }

  private func plan(
    _ image: LibraryImage, _ signature: FileSignature?, _ journal: Journal
  ) throws -> JobReader.Request? {
    guard let (entry, isDelivered) = try journal.entry(named: image.name) else {
      if options.existing == .skip, try isCaptioned(image) {
        countUnchanged()
        return nil
      }
      return JobReader.Request(image: image, prior: nil, retries: options.retriesFailures)
    }
    if !isDelivered { sweep(around: image) }
    let isOutdated = entry.recordKey != recordKey
    var isFailure = false
    if case .failure = entry.outcome { isFailure = true }
    let retries = isFailure && options.retriesFailures
    guard !isOutdated, !retries, let known = entry.signature, known == signature else {
      return JobReader.Request(image: image, prior: isOutdated || retries ? nil : entry, retries: retries)
    }
    let targets = try targets(of: entry, image, isDelivered: isDelivered)
    if !targets.isEmpty {
      try write(entry, image, to: targets, journal)
    } else if isFailure {
      summary.failedBefore += 1
      report(.done(1))
    } else {
      countUnchanged()
    }
    return nil
  }

  /// Takes away what a process left half-written that was killed when it wrote an image's caption down.
  private func sweep(around image: LibraryImage) {
    for folder in allSinks.compactMap({ $0.folder(of: image) }) where swept.insert(folder.path).inserted {
      TemporaryName.sweepAbandoned(in: folder)
    }
  }

  /// Whether an image that the journal doesn't know has captions from elsewhere, everywhere.
  private func isCaptioned(_ image: LibraryImage) throws -> Bool {
    guard !sinks.isEmpty else { return false }
    return try sinks.allSatisfy { sink in
      switch try sink.existing(image) {
      case nil: false
      case .caption: true
      case .failure: !options.retriesFailures
      }
    }
  }

  /// The sinks that an entry still has to reach.
  private func targets(
    of entry: JournalEntry, _ image: LibraryImage, isDelivered: Bool
  ) throws -> [any CaptionSink] {
    let sinks = entry.isForReview ? [review].compactMap(\.self) : sinks
    if !isDelivered && entry.isReplacement { return sinks }
    return try sinks.filter { try $0.existing(image) == nil }
  }

  private func countUnchanged() {
    summary.unchanged += 1
    report(.done(1))
  }

  // MARK: Writing down

  /// Hands over what an earlier run has found out.
  private func write(
    _ entry: JournalEntry, _ image: LibraryImage, to targets: [any CaptionSink], _ journal: Journal
  ) throws {
    if case .failure = entry.outcome { summary.failedBefore += 1 } else { summary.reused += 1 }
    if entry.isForReview { summary.forReview += 1 }
    try deliver([Delivery(entry: entry, image: image, targets: targets)], journal)
    report(.done(1))
  }

  /// Writes down what became of a window's images.
  private func write(_ window: Window, _ captions: Captions, _ journal: Journal) throws {
    guard !window.slots.isEmpty else { return }
    var deliveries: [Delivery] = []
    for slot in window.slots {
      if let delivery = try settle(slot, captions, journal) { deliveries.append(delivery) }
    }
    for case .success(let captions) in captions { summary.cutOff += captions.count { $0.isCutOff } }
    try deliver(deliveries, journal)
    report(.done(window.slots.count))
  }

  /// Notes in the journal what became of an image; returns which sinks its record has to reach.
  private func settle(_ slot: Slot, _ captions: Captions, _ journal: Journal) throws -> Delivery? {
    let (answer, image) = (slot.answer, slot.answer.request.image)
    let outcome = try outcome(slot, captions, journal)
    // Not what it was when the image was asked for: an image that is named twice has been written down by now.
    guard let known = try journal.entry(named: image.name) else {
      return try settle(entry(answer, nil, outcome), image, isNew: slot.index != nil, journal)
    }
    var prior = known.entry
    if case .failure(let reason) = outcome, case .captions = prior.outcome, answer.signature == nil {
      // What can't be read now has captions from when it could.
      fail(image, reason)
      return nil
    }
    let isSame =
      prior.recordKey == recordKey && prior.contentHash == answer.contentHash && prior.outcome == outcome
    guard isSame else {
      return try settle(entry(answer, prior, outcome), image, isNew: slot.index != nil, journal)
    }
    if prior.signature != answer.signature {
      prior.signature = answer.signature
      try journal.append(prior)
    }
    let targets = try targets(of: prior, image, isDelivered: known.isDelivered)
    if case .failure(let reason) = outcome {
      fail(image, reason)
    } else if targets.isEmpty {
      summary.unchanged += 1
    } else {
      summary.reused += 1
    }
    return Delivery(entry: prior, image: image, targets: targets)
  }

  private func settle(
    _ entry: JournalEntry, _ image: LibraryImage, isNew: Bool, _ journal: Journal
  ) throws -> Delivery {
    try journal.append(entry)
    switch entry.outcome {
    case .failure(let reason): fail(image, reason)
    case .captions where isNew: summary.captioned += 1
    case .captions: summary.reused += 1
    }
    if entry.isForReview { summary.forReview += 1 }
    return Delivery(entry: entry, image: image, targets: try targets(of: entry, image, isDelivered: false))
  }

  private func fail(_ image: LibraryImage, _ reason: String) {
    summary.failed += 1
    report(.failure(image: image.name, reason: reason))
  }

  /// What the model says of an image, or said of the same bytes.
  private func outcome(
    _ slot: Slot, _ captions: Captions, _ journal: Journal
  ) throws -> CaptionRecord.Outcome {
    switch slot.answer.content {
    case .failure(let reason): return .failure(reason)
    case .known(let captions): return .captions(captions)
    case .unchanged(let prior): return prior.outcome
    case .pixels: break
    }
    if let index = slot.index {
      switch captions[index] {
      case .success(let captions): return .captions(captions.map { RecordedCaption($0) })
      case .failure(let error): return .failure(Self.reason(error))
      }
    }
    // The same bytes were on their way already.
    let known = try slot.answer.contentHash.flatMap { try journal.captions(of: $0, options.captionKey) }
    return known.map { .captions($0) } ?? .failure("an image of the same bytes got no caption")
  }

  private static func reason(_ error: any Error) -> String {
    (error as? ImageError)?.reason ?? "\(error)"
  }

  private func entry(
    _ answer: JobReader.Answer, _ prior: JournalEntry?, _ outcome: CaptionRecord.Outcome
  ) throws -> JournalEntry {
    let image = answer.request.image
    var entry = JournalEntry(
      name: image.name, signature: answer.signature, contentHash: answer.contentHash,
      captionKey: options.captionKey, recordKey: recordKey, outcome: outcome, texts: [])
    // What this job wrote before is replaced where the image or the options are others now.
    entry.isReplacement = options.existing != .skip || prior != nil || answer.request.retries
    guard case .captions(let captions) = outcome else { return entry }
    entry.texts = captions.map { options.text.applied(to: $0.text) }
    if let minimumScore = options.minimumScore, let score = captions.first?.score, score < minimumScore {
      entry.isForReview = true
    } else if let former = try formerText(image) {
      let new = entry.texts[0]
      entry.texts[0] = options.existing == .append ? "\(former), \(new)" : "\(new), \(former)"
    }
    return entry
  }

  /// The caption that new ones are joined to.
  private func formerText(_ image: LibraryImage) throws -> String? {
    guard options.existing == .append || options.existing == .prepend else { return nil }
    for sink in sinks {
      if case .caption(let text)? = try sink.existing(image), !text.isEmpty { return text }
    }
    return nil
  }

  /// An entry that the journal has, and the sinks that its record has to reach.
  private struct Delivery {
    let entry: JournalEntry
    let image: LibraryImage
    let targets: [any CaptionSink]
  }

  /// Hands records over, and notes that the sinks have them.
  private func deliver(_ deliveries: [Delivery], _ journal: Journal) throws {
    // What is noted behind the mark of these.
    var corrected: [JournalEntry] = []
    for delivery in deliveries {
      var entry = delivery.entry
      let isRefused = try handOver(entry.record(of: delivery.image), to: delivery.targets)
      if isRefused { summary.refused += 1 }
      if !isRefused, delivery.targets.contains(where: \.changesImages) { sign(&entry, delivery.image) }
      entry.isPending = isRefused
      if entry != delivery.entry { corrected.append(entry) }
    }
    for sink in allSinks { try sink.flush() }
    for entry in corrected { try journal.append(entry) }
    try journal.markDelivered()
  }

  /// Returns whether a sink doesn't take it.
  private func handOver(_ record: CaptionRecord, to targets: [any CaptionSink]) throws -> Bool {
    var isRefused = false
    for sink in targets {
      do {
        try sink.receive(record)
      } catch let failure as ImageFailure {
        report(.failure(image: record.image.name, reason: failure.reason))
        isRefused = true
      }
    }
    return isRefused
  }

  /// Notes how an image looks after its caption was written into it.
  private func sign(_ entry: inout JournalEntry, _ image: LibraryImage) {
    let limit = options.maximumPixels
    guard let (bytes, signature) = try? ImageBytes.read(image, maximumPixels: limit) else { return }
    (entry.signature, entry.contentHash) = (signature, ContentHash(bytes))
  }
}

extension RecordedCaption {
  init(_ caption: Caption) {
    let sum = caption.tokenLogProbabilities.reduce(0, +)
    let mean = caption.tokenLogProbabilities.isEmpty ? nil : sum / Float(caption.tokenLogProbabilities.count)
    self.init(text: caption.text, score: caption.score ?? mean)
  }
}
