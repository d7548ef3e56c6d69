import Foundation

/// One caption of an image.
public struct ReferenceCaption: Sendable, Equatable {
  /// The data set's own number; where it has none, the caption's place in the annotation file, from zero.
  public let id: Int
  /// The words exactly as the annotation has them. Many of COCO's captions end in spaces or line ends.
  public let text: String

  public init(id: Int, text: String) {
    self.id = id
    self.text = text
  }

  /// The words without white space around them: what a model should learn to say.
  ///
  /// The usual Python loaders hand `text` itself to the tokenizer; a run that is to repeat theirs does too.
  public var trimmedText: String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
