import ArgumentParser
import Foundation
import Synchronization
import Vignette
import VignetteFiles
import VignetteImages
import VignetteLibrary
import VignetteReports

/// `vignette caption` as a job over a library.
struct LibraryRun: Sendable {
  private let command: CaptionCommand

  init(_ command: CaptionCommand) { self.command = command }

  func run() async throws {
    try await reportingErrors(
      goesOn: "run the same command again to go on",
      stopping: command.job.output == nil ? nil : "stopping; run the same command again to go on"
    ) {
      command.compute.apply()
      let folder = try await command.hub.resolve(command.model)
      let summary = try await caption(folder)
      if summary.failed + summary.failedBefore + summary.refused + summary.problems > 0 {
        throw ExitStatus.someFailed
      }
    }
  }

  private func caption(_ folder: URL) async throws -> JobSummary {
    let progress = Progress("captioning", unit: "images")
    defer { progress.finish() }
    let loaded = Loaded()
    let job = LibraryJob(
      command.inputs.inputs(command.images), sinks: try sinks(progress), review: try command.job.reviewSink(),
      options: try options(folder), processor: try processor(folder),
      report: { Self.show($0, progress) }
    ) {
      let captioner = try await command.makeCaptioner()
      loaded.captioner.withLock { $0 = captioner }
      command.generation.warnOfIgnored(captioner)
      return ConfiguredCaptioner(captioner, command.text.banning(command.generation.options, captioner))
    }
    let summary = try await job.run()
    progress.finish()
    StandardError.print(Self.text(summary))
    if summary.cutOff > 1, let captioner = loaded.captioner.withLock({ $0 }) {
      try await command.generation.tellOfCuts(summary.cutOff, captioner)
    }
    return summary
  }

  private final class Loaded: Sendable {
    let captioner = Mutex<Captioner?>(nil)
  }

  // MARK: What the job is

  private func options(_ folder: URL) throws -> JobOptions {
    var options = JobOptions(captionKey: try captionKey(folder))
    options.existing = command.job.existing ?? .skip
    options.retriesFailures = command.job.retryFailed
    options.text = command.text.rules
    options.minimumScore = command.job.minScore
    options.maximumPixels = command.maxImagePixels
    options.batchSize = command.batchSize
    options.readerCount = min(8, max(2, Threads.count))
    options.decodesFast = command.job.fastDecode
    options.journal = journal
    options.output = command.job.output
    return options
  }

  private func processor(_ folder: URL) throws -> ImageProcessor {
    var processor = try ImageProcessor(contentsOf: folder)
    if command.reading.doGrayscale { processor.doGrayscale = true }
    return processor
  }

  /// All that a caption depends on besides the image.
  private func captionKey(_ folder: URL) throws -> ContentHash {
    let model = try ModelFingerprint.of(folder)
    let rest = [
      "\(model)", "\(command.generation.options)", command.dtype.rawValue,
      "\(command.interpolatePosEncoding) \(command.job.fastDecode)", "\(command.text.bannedWords)",
      "\(command.reading.doGrayscale) \(command.reading.textCleanup?.rawValue ?? "")",
    ]
    return ContentHash(Array(rest.joined(separator: "\n").utf8))
  }

  /// The job's memory: beside the output, or in the folder of images that it writes in.
  private var journal: URL? {
    if let output = command.job.output {
      guard !isStream else { return nil }
      let url = FileName.url(output, isFolder: false)
      return url.deletingLastPathComponent().appendingPathComponent(".\(url.lastPathComponent).job")
    }
    guard !command.destinations.isEmpty else { return nil }
    var folder = FileName.url(command.images.first ?? ".")
    if !FileSystem.isFolder(folder) { folder = folder.deletingLastPathComponent() }
    let part = command.inputs.shard.map { ".\($0.value.number)-of-\($0.value.count)" } ?? ""
    return folder.appendingPathComponent(".vignette-captions\(part).job")
  }

  private func sinks(_ progress: Progress) throws -> [any CaptionSink] {
    let destinations = try command.destinations.sinks(
      existing: command.job.existing ?? .skip, roots: command.images)
    let format = try command.job.format(command.format)
    guard let output = command.job.output, output != "-" else {
      // Captions that go elsewhere needn't be printed besides.
      if !destinations.isEmpty, command.job.output == nil { return destinations }
      let lines = RowStream(format.rows) {
        try progress.print(String(decoding: $0.dropLast(), as: UTF8.self))
      }
      return [lines] + destinations
    }
    let url = FileName.url(output, isFolder: false)
    if FileSystem.isFolder(url) { throw SystemError("write", output, code: EISDIR) }
    if isStream { return [try RowStream(format.rows, toDeviceAt: url)] + destinations }
    return [try format.sink(at: url, maximumShardSize: command.job.maxShardSize)] + destinations
  }

  /// Whether the output is a pipe or a device, in which nothing can be looked up again.
  private var isStream: Bool {
    guard let output = command.job.output else { return false }
    let kind = FileSystem.kind(of: FileName.url(output, isFolder: false).path)
    return output == "-" || kind != nil && kind != S_IFREG && kind != S_IFDIR
  }

  // MARK: What it says

  private static func show(_ event: JobEvent, _ progress: Progress) {
    switch event {
    case .done(let count): progress.advance(by: count)
    case .failure(let image, let reason): progress.say("\(FileName.printed(image)): \(reason)")
    case .problem(let problem): progress.say(problem)
    }
  }

  /// `captioned 120 of 200 images (78 unchanged, 2 failed) at 14.2 images/s; the model was busy 97% of the time`
  private static func text(_ summary: JobSummary) -> String {
    let parts: [(Int, String)] = [
      (summary.reused, "written down from what was known"), (summary.unchanged, "as they were"),
      (summary.failed, "failed"), (summary.failedBefore, "failed before"), (summary.forReview, "for review"),
      (summary.refused, "not written everywhere"), (summary.cutOff, "cut off"),
    ]
    let details = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    var text = "captioned \(summary.captioned) of \(Quantity(summary.total, "image"))"
    if !details.isEmpty { text += " (\(details))" }
    guard let busy = summary.busySeconds, let whole = summary.modelSeconds, whole > 0 else { return text }
    let rate = String(format: "%.3g", Double(summary.captioned) / whole)
    return text
      + " at \(rate) images/s; the model was busy \(String(format: "%.0f", 100 * busy / whole))% of the time"
  }
}
