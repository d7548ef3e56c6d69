public import Foundation

/// A measure of captions against their references, fed one image at a time.
///
/// What a metric keeps between calls is counts and small numbers, never images, logits or token
/// probabilities, so an evaluation of any length runs in little memory.
public protocol CaptionMetric: Sendable {
  /// Takes in one image's caption.
  /// - Throws: `MetricsError.noReferences` if the metric needs references and there are none.
  mutating func add(prediction: String, references: [String]) throws

  /// The scores of everything added so far, always in the same order.
  /// - Throws: `MetricsError` if there is too little to score.
  func scores() throws -> [MetricScore]
}

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

/// Why captions could not be scored.
public enum MetricsError: LocalizedError, CustomStringConvertible, Equatable {
  /// Nothing was added to the metric.
  case noCaptions
  /// A caption came without a single reference. The image's name or number, where known.
  case noReferences(image: String?)
  /// The results name an image more than once.
  case duplicateResult(image: String)
  /// The results have captions for images that the references lack. The first few are named.
  case unknownImages([String], total: Int)

  public var description: String {
    switch self {
    case .noCaptions:
      "There is no caption to score; add at least one prediction with its references."
    case .noReferences(let image?):
      "Image \(image) has no reference caption; remove it from the results or add a reference."
    case .noReferences(nil):
      "A prediction came with no reference caption; every prediction needs at least one."
    case .duplicateResult(let image):
      "The results caption image \(image) more than once; keep one caption for each image."
    case .unknownImages(let images, let total):
      "The results caption \(total) \(total == 1 ? "image" : "images") that the references don't have: "
        + images.joined(separator: ", ") + (total > images.count ? ", …" : "")
        + ". Check that both files are of the same split."
    }
  }

  public var errorDescription: String? { description }
}
