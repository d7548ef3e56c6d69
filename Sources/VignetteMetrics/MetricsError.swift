public import Foundation

/// Why captions could not be scored.
public enum MetricsError: Error, Equatable, Sendable {
  /// Nothing was added to the metric.
  case noCaptions
  /// A caption came without a single reference. The image's name or number, where known.
  case noReferences(image: String?)
  /// The results name an image more than once.
  case duplicateResult(image: String)
  /// The results have captions for images that the references lack. The first few are named.
  case unknownImages([String], total: Int)
}

extension MetricsError: CustomStringConvertible, LocalizedError {
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
