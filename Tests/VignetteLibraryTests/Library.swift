import Foundation
import Synchronization
import Vignette
import VignetteFiles
import VignetteImages
import VignetteTensors
import VignetteTestSupport

@testable import VignetteLibrary

/// A folder of small images, and jobs over it with a captioner that takes no time.
struct Library {
  let folder: TemporaryFolder
  let captioner = CountingCaptioner()

  init() throws { folder = try TemporaryFolder() }

  /// Writes an image that equals no other of another number.
  func add(_ name: String, _ number: Int) throws {
    let image = RGBImage(
      width: 2, height: 2, pixels: (0..<12).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 3))) })
    let url = self.url("photos/\(name)")
    try FolderMaker.make(url.deletingLastPathComponent())
    try AtomicFile.write(try PNGEncoder.encode(image), to: url)
  }

  func url(_ name: String) -> URL { folder.url.appendingPathComponent(name) }
  func path(_ name: String) -> String { url(name).path }

  var inputs: ImageInputs { ImageInputs([path("photos")]) }

  var options: JobOptions {
    var options = JobOptions(captionKey: ContentHash(Array("model".utf8)))
    options.journal = url("journal")
    options.batchSize = 3
    return options
  }

  var processor: ImageProcessor {
    var processor = ImageProcessor()
    processor.size = .exactly(height: 2, width: 2)
    return processor
  }

  /// What a job did, and what it said.
  struct Run {
    let summary: JobSummary
    let failures: [String]
    let problems: [String]
    let captioned: Int
    let isModelLoaded: Bool
  }

  func run(
    _ sinks: [any CaptionSink], review: (any CaptionSink)? = nil, _ inputs: ImageInputs? = nil,
    change: (inout JobOptions) -> Void = { _ in }
  ) async throws -> Run {
    var options = options
    change(&options)
    let before = captioner.count
    let heard = Heard()
    let captioner = captioner
    let loaded = Loaded()
    let job = LibraryJob(
      inputs ?? self.inputs, sinks: sinks, review: review, options: options, processor: processor,
      report: { heard.add($0) }
    ) {
      loaded.isLoaded.withLock { $0 = true }
      return captioner
    }
    let summary = try await job.run()
    return Run(
      summary: summary, failures: heard.failures, problems: heard.problems,
      captioned: captioner.count - before, isModelLoaded: loaded.isLoaded.withLock { $0 })
  }

  private final class Heard {
    var failures: [String] = []
    var problems: [String] = []

    func add(_ event: JobEvent) {
      switch event {
      case .done: break
      case .failure(let image, let reason): failures.append("\(image): \(reason)")
      case .problem(let problem): problems.append(problem)
      }
    }
  }

  private final class Loaded: Sendable {
    let isLoaded = Mutex(false)
  }

  /// The rows of a file, sorted.
  func rows(_ name: String) throws -> [String] {
    String(decoding: try FileSystem.data(url(name)), as: UTF8.self).split(separator: "\n").map(String.init)
      .sorted()
  }

  /// The captions in a file of JSON lines, by the images' names below `photos`; an error is its text.
  func captions(_ name: String) throws -> [String: String] {
    var captions: [String: String] = [:]
    for row in try rows(name) {
      let object = try JSONField(text: Array(row.utf8), file: name)
      let file = String(try object["file"].value(as: String.self).dropFirst(path("photos").count + 1))
      let text: String = try object["caption"].optional() ?? object["error"].value()
      if captions.updateValue(text, forKey: file) != nil { captions[file] = "twice" }
    }
    return captions
  }
}

/// A captioner that says the number that an image was made of, and counts.
final class CountingCaptioner: BatchCaptioner {
  private let state = Mutex((count: 0, limit: Int.max, suffix: "", sizes: [Int]()))

  var count: Int { state.withLock { $0.count } }
  /// How many images each batch had.
  var sizes: [Int] { state.withLock { $0.sizes } }

  /// More images than that don't fit into memory.
  func setLimit(_ limit: Int) { state.withLock { $0.limit = limit } }
  /// What the captions end with, as those of another model would.
  func setSuffix(_ suffix: String) { state.withLock { $0.suffix = suffix } }

  func captions(of images: [RGBImage], isLast: Bool) async throws -> [Result<[Caption], any Error>] {
    let (limit, suffix) = state.withLock { ($0.limit, $0.suffix) }
    guard images.count <= limit else {
      try MemoryCheck.pass([1 << 50], "\(images.count) images", lowering: [])
      return []
    }
    state.withLock {
      $0.count += images.count
      $0.sizes.append(images.count)
    }
    return images.map { image in
      let number = image.pixels[..<3].enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      return .success([
        Caption(text: "number \(number)\(suffix)", score: -Float(number) / 10),
        Caption(text: "second \(number)", score: -Float(number)),
      ])
    }
  }
}

/// A sink that fails at its nth call, before or after the other one has done its work.
final class FaultySink: CaptionSink {
  private let base: any CaptionSink
  private var left: Int
  private let isLate: Bool

  init(_ base: any CaptionSink, failingAt call: Int, isLate: Bool) {
    self.base = base
    left = call
    self.isLate = isLate
  }

  struct Fault: Error {}

  var changesImages: Bool { base.changesImages }

  private func step(_ body: () throws -> Void) throws {
    left -= 1
    if left == 0, !isLate { throw Fault() }
    try body()
    if left == 0 { throw Fault() }
  }

  func prepare() throws { try base.prepare() }
  func existing(_ image: LibraryImage) throws -> ExistingCaption? { try base.existing(image) }
  func receive(_ record: CaptionRecord) throws { try step { try base.receive(record) } }
  func flush() throws { try step { try base.flush() } }
  func finish() throws { try step { try base.finish() } }
}
