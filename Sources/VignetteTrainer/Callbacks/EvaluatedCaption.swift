/// A caption that an evaluation generated.
public struct EvaluatedCaption: Sendable, Equatable {
  /// The image's file.
  public let path: String
  public let caption: String
  /// What people wrote, in the data set's order.
  public let references: [String]

  public init(path: String, caption: String, references: [String]) {
    self.path = path
    self.caption = caption
    self.references = references
  }
}

extension CaptionHealth {
  /// Looks at what an evaluation generated.
  init?(_ samples: [EvaluatedCaption]) {
    self.init(captions: samples.map(\.caption), references: samples.flatMap(\.references))
  }
}
