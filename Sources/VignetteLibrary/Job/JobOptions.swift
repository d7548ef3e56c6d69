package import Foundation
import VignetteFiles
import VignetteImages

/// How a job captions a library.
package struct JobOptions: Sendable {
  /// What becomes of captions that are there already.
  package var existing = ExistingMode.skip
  /// Whether images that failed before are tried again although they look the same.
  package var retriesFailures = false
  /// What is done to texts before they are written down.
  package var text = CaptionText()
  /// The score below which a caption waits for a review.
  package var minimumScore: Float?
  /// The greatest number of pixels that an image may claim.
  package var maximumPixels = ImageDecoder.defaultMaximumPixels
  /// How many images go through the model at a time; nil for as many as are useful and fit into memory.
  package var batchSize: Int?
  /// How many threads read and decode.
  package var readerCount = 2
  /// Whether JPEG files may be decoded at a part of their size.
  package var decodesFast = false
  /// Of all that a caption depends on, besides the image's bytes: the model and how it generates.
  package var captionKey: ContentHash
  /// Where the job remembers what it has done; nil for a job that nobody will go on with.
  package var journal: URL?
  /// What messages call that: the output that it belongs to; its folder if nil.
  package var output: String?

  package init(captionKey: ContentHash) { self.captionKey = captionKey }

  /// Of all that a record depends on, besides the image's bytes.
  var recordKey: ContentHash {
    var description = "\(captionKey)\n"
    for part in [text.prefix, text.suffix] + text.fillers { description += "\(part.utf8.count) \(part)\n" }
    description += "\(text.fillers.count) \(text.maximumCharacters ?? 0) \(text.isSentence) "
    description += minimumScore.map { "\($0)" } ?? "-"
    // What is joined to others is another record than what stands alone.
    if existing == .append || existing == .prepend { description += " \(existing.rawValue)" }
    return ContentHash(Array(description.utf8))
  }
}

/// What became of a job's images.
package struct JobSummary: Sendable, Hashable {
  /// Captioned by the model in this run.
  package var captioned = 0
  /// Written down with captions that were known: of the same bytes, or of an earlier run.
  package var reused = 0
  /// As they were.
  package var unchanged = 0
  package var failed = 0
  /// Failed in an earlier run, and not tried again.
  package var failedBefore = 0
  /// Of the others, how many an output couldn't take.
  package var refused = 0
  /// Folders, lists and archives that couldn't be read to the end.
  package var problems = 0
  /// Of those written down, how many wait for a review.
  package var forReview = 0
  /// Captions that reached the greatest length.
  package var cutOff = 0
  /// From the first image to the last one written down.
  package var seconds = 0.0
  /// While the model had images to compute on; nil where it wasn't needed.
  package var busySeconds: Double?
  /// From the model's first image to its last.
  package var modelSeconds: Double?

  package var total: Int { captioned + reused + unchanged + failed + failedBefore }
}

/// What a job tells while it goes on.
package enum JobEvent: Sendable {
  /// So many images more are done.
  case done(Int)
  /// Why an image has no caption, or hasn't got it where it should be.
  case failure(image: String, reason: String)
  /// What is wrong with a folder, a list or an archive.
  case problem(String)
}
