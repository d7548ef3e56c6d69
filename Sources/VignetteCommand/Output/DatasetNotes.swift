import VignetteFiles
import Foundation
import VignetteDatasets

/// What a user should know of a data set before something is done with it.
enum DatasetNotes {
  /// Prints how much there is, and what is odd about it.
  ///
  /// - Parameter other: a split whose notes were printed before, so that the same isn't said twice.
  static func print(_ purpose: String, _ dataset: CaptionDataset, besides other: CaptionDataset? = nil) {
    StandardError.print("\(purpose) \(size(dataset))\(origin(dataset))")
    let told = other?.issues.notes ?? []
    for note in dataset.issues.notes where !told.contains(note) {
      StandardError.print("  \(note.replacing("\n", with: "\n  "))")
    }
  }

  private static func size(_ dataset: CaptionDataset) -> String {
    let images = "\(Quantity(dataset.images.count, "image"))"
    return dataset.hasCaptions ? "\(Quantity(dataset.captionCount, "caption")) of \(images)" : images
  }

  /// Where a validation split comes from that the data set doesn't have.
  private static func origin(_ dataset: CaptionDataset) -> String {
    guard dataset.split == .validation, let share = dataset.validationFraction else { return "" }
    let percent = String(format: "%g", 100 * share)
    return ", \(percent)% of all: there is no validation split, so these are kept from training"
  }
}
