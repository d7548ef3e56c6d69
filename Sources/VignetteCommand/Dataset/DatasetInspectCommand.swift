import ArgumentParser
import Datasets

struct DatasetInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Prints a row, counts, caption lengths, and images that are missing or can't be read.")

  @OptionGroup var data: DatasetArguments

  @Option(help: "train, validation or test.")
  var split = DatasetSplit.train

  @Option(help: "Threads that read pictures.")
  var dataloaderNumWorkers = 2

  func run() throws {
    try reportingErrors {
      let dataset = try data.load(split)
      StandardOutput.print(DatasetInspection(dataset, workers: dataloaderNumWorkers).description)
    }
  }
}
