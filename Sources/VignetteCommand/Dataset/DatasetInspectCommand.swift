import VignetteReports
import ArgumentParser
import VignetteDatasets
import VignetteFiles

struct DatasetInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Prints a row, counts, caption lengths, and images that are missing or can't be read.",
    discussion: """
      Every image is opened, as training would do it. With images that can't be used, the exit status is 1.

        vignette dataset inspect --dataset coco --data-dir coco --split validation
      """)

  @OptionGroup var data: DatasetArguments

  @Option(help: "Split of the data set.")
  var split = DatasetSplit.train

  @Flag(
    inversion: .prefixedNo,
    help: "Continue after an image that can't be used, instead of stopping at the first one.")
  var checkImages = true

  @Option(parsing: .unconditional, help: "Number of threads that read images.")
  var dataloaderNumWorkers = 2

  func validate() throws {
    if dataloaderNumWorkers < 0 {
      throw ValidationError("--dataloader-num-workers must not be negative, but is \(dataloaderNumWorkers)")
    }
  }

  func run() throws {
    try reportingErrors {
      var options = data.options(split)
      options.missingImages = checkImages ? .skip : .fail
      let inspection = try inspect(CaptionDataset(options))
      try StandardOutput.print(TerminalText.escaped(inspection.description, keepsLines: true))
      if !inspection.skipped.isEmpty { throw ExitStatus.someFailed }
    }
  }

  private func inspect(_ dataset: CaptionDataset) throws -> DatasetInspection {
    let progress = Progress("opening", total: dataset.images.count, unit: "images")
    defer { progress.finish() }
    return try DatasetInspection(
      dataset, workers: dataloaderNumWorkers, check: DatasetInspection.decode
    ) { unreadable in
      progress.advance()
      if let unreadable, !checkImages {
        throw DatasetError.badImage(path: unreadable.file, reason: unreadable.reason)
      }
    }
  }
}
