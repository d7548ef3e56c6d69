public import ArgumentParser
import VignetteDatasets
import VignetteFiles

/// Which captions are read, and from where.
struct DatasetArguments: ParsableArguments {
  @Option(help: "Form of the data set.")
  var dataset: DatasetKind

  @Option(help: "Folder of the data set.")
  var dataDir: String

  func options(_ split: DatasetSplit) -> DatasetOptions {
    DatasetOptions(kind: dataset, folder: FileName.url(dataDir, isFolder: true), split: split)
  }
}

extension DatasetKind: ExpressibleByArgument {}
extension DatasetSplit: ExpressibleByArgument {}
