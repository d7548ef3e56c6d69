public import VignetteDatasets
import VignetteFiles

/// What captions were measured on, as `metrics.json` tells it.
public struct MeasuredData: Sendable, Hashable {
  public let kind: DatasetKind
  public let split: DatasetSplit
  /// The annotation file.
  public let annotations: String
  /// With how many references each caption was compared.
  public let references: [Int]

  /// - Parameter references: for each measured caption, with how many references it was compared.
  public init(_ dataset: CaptionDataset, references: [Int]) {
    kind = dataset.kind
    split = dataset.split
    annotations = dataset.annotations
    self.references = references
  }

  var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "split": .string(split.rawValue), "annotations": .string(annotations),
      "captions": .int(references.count),
      "references_per_caption": [
        "mean": .double(Double(references.reduce(0, +)) / Double(max(1, references.count))),
        "min": .int(references.min() ?? 0), "max": .int(references.max() ?? 0),
      ],
    ]
  }
}
