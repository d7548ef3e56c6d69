package import Foundation
import VignetteFiles

/// Where the captions of a job go: a file of rows, sidecars, metadata, a report.
///
/// A job calls its sinks from one task, one call after the other. What was received and flushed survives the process's
/// end by a signal. A job that goes on may hand over an image's record a second time; a sink then has it once.
package protocol CaptionSink: AnyObject {
  /// Whether ``receive(_:)`` changes image files themselves. The job then looks at each image again after it, so that an
  /// image isn't taken for a new one because its caption was written into it.
  var changesImages: Bool { get }

  /// Checks that it can write where it will have to, and gathers what is there already: before any image is read and
  /// before the model is loaded.
  ///
  /// - Throws: what stands in the way.
  func prepare() throws

  /// The folder where it writes a file for an image; nil where it writes none.
  func folder(of image: LibraryImage) -> URL?

  /// What it has of an image already; nil for nothing. A sink that is made anew by every run, such as a report, has
  /// nothing, and so gets all images, those of earlier runs too.
  ///
  /// - Throws: what ends the job.
  func existing(_ image: LibraryImage) throws -> ExistingCaption?

  /// Takes a finished image, in place of what it had of it.
  ///
  /// - Throws: ``ImageFailure`` where it is this image's trouble: it is reported and counted, the job goes on, and a
  ///   later run tries again. Anything else, such as a full disk, ends the job.
  func receive(_ record: CaptionRecord) throws

  /// Gives what was received to the operating system.
  func flush() throws

  /// All images have been received: makes the whole durable.
  func finish() throws
}

extension CaptionSink {
  package var changesImages: Bool { false }
  package func prepare() throws {}
  package func folder(of image: LibraryImage) -> URL? { nil }
  package func existing(_ image: LibraryImage) throws -> ExistingCaption? { nil }
  package func flush() throws {}
  package func finish() throws {}
}

/// What a sink has of an image from before.
package enum ExistingCaption: Sendable, Hashable {
  /// A caption; the best, where there are several.
  case caption(String)
  /// That it failed.
  case failure
}

/// One image's captions, or why it has none, as they are written down.
package struct CaptionRecord: Sendable {
  package let image: LibraryImage
  /// Of the image file's bytes; nil where they couldn't be read.
  package let contentHash: ContentHash?
  package let outcome: Outcome

  package enum Outcome: Sendable, Hashable {
    /// At least one, the best first, the rules for texts applied.
    case captions([RecordedCaption])
    /// Why there is none, without the image's name.
    case failure(String)
  }

  package init(image: LibraryImage, contentHash: ContentHash?, outcome: Outcome) {
    self.image = image
    self.contentHash = contentHash
    self.outcome = outcome
  }

  /// The captions; none where the image failed.
  package var captions: [RecordedCaption] {
    if case .captions(let captions) = outcome { captions } else { [] }
  }

  /// Why there are no captions.
  package var failure: String? {
    if case .failure(let reason) = outcome { reason } else { nil }
  }
}

/// A caption as it is written down.
package struct RecordedCaption: Sendable, Hashable {
  package let text: String
  /// Beam search's score, else the mean log-probability of the tokens; nil where neither is known.
  package let score: Float?

  package init(text: String, score: Float?) {
    self.text = text
    self.score = score
  }
}

/// What is wrong with one image of a job, which goes on with the others.
package struct ImageFailure: PlainError, Equatable {
  /// Without the image's name.
  package let reason: String

  package init(_ reason: String) { self.reason = reason }

  package var description: String { reason }
}
