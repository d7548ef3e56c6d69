public import VignetteFiles
import VignetteImages

/// An image that was dropped together with its captions.
public struct SkippedImage: Sendable, Equatable {
  public let file: String
  public let reason: String
  /// How many captions went with it.
  public let captions: Int

  public init(file: String, reason: String, captions: Int) {
    self.file = file
    self.reason = reason
    self.captions = captions
  }

  /// An image that could not be read or decoded.
  init(_ image: CaptionedImage, because error: any Error) {
    // The file has a field of its own.
    let reason = (error as? ImageError)?.reason ?? "\(error)"
    self.init(file: image.path, reason: reason, captions: image.captions.count)
  }

  init(_ field: JSONField) throws {
    self.init(
      file: try field["file"].value(), reason: try field["reason"].value(),
      captions: try field["captions"].value())
  }

  /// A line of `skipped.jsonl`.
  public var json: JSONValue {
    .object(JSONObject([("file", .string(file)), ("reason", .string(reason)), ("captions", .int(captions))]))
  }
}
