public import Foundation
import VignetteFiles

/// What is read, and from where.
public struct DatasetOptions: Sendable {
  /// The form of the data set.
  public var kind: DatasetKind
  /// The folder that holds it.
  public var folder: URL
  public var split: DatasetSplit
  /// An annotation file other than the one with the usual name. A COCO file is read whole for any split.
  public var annotations: URL?
  /// The first so many rows, in the order of the annotation file (`max_train_samples`, `max_eval_samples`).
  public var maxSamples: Int?
  /// The share of the images that validation gets where the data set has no validation split of its own; with 0,
  /// all are training's. Images whose files are known to be missing don't count.
  public var validationFraction: Double
  /// Decides which images those are.
  public var validationSeed: UInt64
  /// What is done about image files that are missing.
  public var missingImages: MissingImages
  /// Whether captions without a word are kept, as references that coco-caption counts; nothing can be learned from them.
  public var keepsEmptyCaptions = false

  public enum MissingImages: Sendable {
    /// The image and its captions are dropped, counted and named.
    case skip
    /// The first one of the split is an error.
    case fail
    /// Image files aren't looked for; for work with captions alone.
    case ignore
  }

  public init(
    kind: DatasetKind, folder: URL, split: DatasetSplit, annotations: URL? = nil, maxSamples: Int? = nil,
    validationFraction: Double = 0.05, validationSeed: UInt64 = 42, missingImages: MissingImages = .skip
  ) {
    self.kind = kind
    self.folder = folder
    self.split = split
    self.annotations = annotations
    self.maxSamples = maxSamples
    self.validationFraction = validationFraction
    self.validationSeed = validationSeed
    self.missingImages = missingImages
  }

  /// - Throws: `SettingError`.
  public func validate() throws {
    if let maxSamples, maxSamples < 1 {
      throw SettingError(
        split == .train ? "max_train_samples" : "max_eval_samples", "must be at least 1, not \(maxSamples)")
    }
    guard validationFraction >= 0, validationFraction < 1 else {
      throw SettingError("validation_fraction", "must be at least 0 and below 1, not \(validationFraction)")
    }
  }
}

/// A part of a data set.
public enum DatasetSplit: String, Sendable, CaseIterable {
  case train
  case validation
  case test

  /// The split that goes by `name`, as data sets and Hugging Face's folders call them.
  init?(name: some StringProtocol) {
    switch name.lowercased() {
    case "train", "training", "restval": self = .train
    case "validation", "valid", "val", "dev": self = .validation
    case "test", "testing", "eval", "evaluation": self = .test
    default: return nil
    }
  }
}
