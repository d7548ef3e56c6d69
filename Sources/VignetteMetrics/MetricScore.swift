/// One number that a metric gives a set of captions, with the images' own numbers behind it.
public struct MetricScore: Sendable, Equatable {
  /// The name that the field knows the score by: `Bleu_4`, `CIDEr`, `rougeL`, …
  public let name: String

  /// The score of the whole set, as a fraction (CIDEr-D: 0 to 10; gen_len: tokens), not a percentage.
  public let value: Double

  /// The score as its reference implementation's users know it: Hugging Face's ROUGE times 100, coco-caption's
  /// scores as they are.
  public var reportedValue: Double { name.hasPrefix("rouge") ? 100 * value : value }

  /// Each image's own score in the order added; empty for a score that only a whole set has.
  public let perImage: [Double]

  public init(name: String, value: Double, perImage: [Double] = []) {
    self.name = name
    self.value = value
    self.perImage = perImage
  }

  /// A score whose value for the set is the mean of its images' values.
  init(name: String, meanOf perImage: [Double]) {
    let sum = perImage.reduce(0, +)
    self.init(name: name, value: perImage.isEmpty ? 0 : sum / Double(perImage.count), perImage: perImage)
  }
}
