public import ArgumentParser
import Foundation
import VignetteDatasets

/// Which captions are read, and from where.
struct DatasetArguments: ParsableArguments {
  @Option(help: "The form of the data set.")
  var dataset: DatasetKind

  @Option(help: "The folder that holds it.")
  var dataDir: String

  func options(_ split: DatasetSplit) -> DatasetOptions {
    DatasetOptions(kind: dataset, folder: URL(fileURLWithPath: dataDir, isDirectory: true), split: split)
  }
}

extension DatasetKind: ExpressibleByArgument {}
extension DatasetSplit: ExpressibleByArgument {}
