import Checkpoints

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

  /// A line of `skipped.jsonl`.
  public var json: JSONValue {
    .object(JSONObject([("file", .string(file)), ("reason", .string(reason)), ("captions", .int(captions))]))
  }
}
