import ArgumentParser
import Foundation
import Vignette
import VignetteFiles
import VignetteLibrary

/// Where a job's rows go, and how it goes on.
struct JobArguments: ParsableArguments {
  @Option(
    help: """
      File of captions, which grows while images are captioned and is gone on with when the same command is run again; - \
      for standard output. Its name says the format (.jsonl, metadata.jsonl, .csv, .json, .tar), unless --format does.
      """)
  var output: String?

  @Option(
    help: """
      What becomes of captions that are there already, from elsewhere: skip (they stay, and their images aren't captioned), \
      overwrite, append or prepend (the new caption is joined to them). Images that changed, and those captioned with \
      other options, are captioned again in any case.
      """)
  var existing: ExistingMode?

  @Flag(help: "Try images again that failed before and haven't changed.")
  var retryFailed = false

  @Option(
    parsing: .unconditional,
    help: """
      Score below which a caption goes to --review instead: a mean log-probability, or beam search's score, such as -1.5.
      """)
  var minScore: Float?

  @Option(help: "File (.jsonl or .csv) of the captions whose scores are below --min-score.")
  var review: String?

  @Option(
    parsing: .unconditional,
    help: "Maximum number of bytes of an archive that is written (.tar), behind which another one begins.")
  var maxShardSize = 1_000_000_000

  @Flag(
    help: "Decode JPEG files at a part of their size where that suffices: faster, with slightly other pixels."
  )
  var fastDecode = false

  func validate() throws {
    guard (minScore == nil) == (review == nil) else {
      throw ValidationError(
        "--min-score and --review are given together: what is below the one goes to the other")
    }
    if let minScore, minScore.isNaN { throw ValidationError("--min-score must be a number") }
    if maxShardSize < 1 { throw ValidationError("--max-shard-size must be positive, but is \(maxShardSize)") }
  }

  /// Whether what is asked for takes more than printing lines.
  var isUsed: Bool { output != nil || minScore != nil || fastDecode }

  /// The format that the output's name says.
  ///
  /// - Throws: `ValidationError` where it says none.
  func format(_ given: CaptionFormat?) throws -> CaptionFormat {
    guard let output, output != "-" else { return given ?? (output == nil ? .text : .jsonl) }
    if let given { return given }
    let name = (output as NSString).lastPathComponent.lowercased()
    if name == "metadata.jsonl" { return .metadata }
    switch (name as NSString).pathExtension {
    case "jsonl", "ndjson": return .jsonl
    case "csv": return .csv
    case "json": return .coco
    case "tar": return .webdataset
    default:
      throw ValidationError(
        "--output \(output) says no format by its name (.jsonl, .csv, .json, .tar); --format does")
    }
  }

  /// The sink that captions whose scores are low go to.
  func reviewSink() throws -> (any CaptionSink)? {
    guard let review else { return nil }
    let isCSV = review.lowercased().hasSuffix(".csv")
    return RowFile(at: FileName.url(review, isFolder: false), format: isCSV ? CSVFormat() : JSONLinesFormat())
  }
}

extension ExistingMode: ExpressibleByArgument {}
