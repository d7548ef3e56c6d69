import ArgumentParser
import Datasets
import Foundation

/// Which captions are read, and from where.
struct DatasetArguments: ParsableArguments {
  @Option(help: "The form of the data set: \(DatasetKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var dataset: DatasetKind

  @Option(help: "The folder that holds it.")
  var dataDir: String

  /// - Parameter maxSamples: the first so many captions; all if nil.
  func load(_ split: DatasetSplit, maxSamples: Int? = nil, missing: DatasetOptions.MissingImages = .skip)
    throws
    -> CaptionDataset
  {
    try CaptionDataset(
      DatasetOptions(
        kind: dataset, folder: URL(fileURLWithPath: dataDir, isDirectory: true), split: split,
        maxSamples: maxSamples,
        missingImages: missing))
  }
}

extension DatasetKind: ExpressibleByArgument {}
extension DatasetSplit: ExpressibleByArgument {}
