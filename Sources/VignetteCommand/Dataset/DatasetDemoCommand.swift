import VignetteReports
import ArgumentParser
import Foundation
import VignetteDatasets
import VignetteFiles

struct DatasetDemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Draws a data set of coloured shapes with captions, in COCO's layout.",
    discussion: """
      Validation shows only combinations of objects and relation that training never shows. Every object appears in \
      training if there are images enough for it; else the command says so. `scenes.jsonl` says what each image \
      shows.

      An earlier demo in the folder is drawn over. A folder with another data set's annotations is refused.
      """)

  @Option(help: "Folder to write.")
  var output: String
  @Option(parsing: .unconditional, help: "Number of training images.")
  var trainScenes = DemoDataset.Options().trainScenes
  @Option(parsing: .unconditional, help: "Number of validation images.")
  var validationScenes = DemoDataset.Options().validationScenes
  @Option(parsing: .unconditional, help: "Number of colours.")
  var colours = DemoDataset.Options().colours
  @Option(parsing: .unconditional, help: "Number of shapes.")
  var shapes = DemoDataset.Options().shapes
  @Option(parsing: .unconditional, help: "Number of relations.")
  var relations = DemoDataset.Options().relations
  @Option(parsing: .unconditional, help: "Seed of everything that is drawn.")
  var seed: UInt64 = 0

  func run() throws {
    try reportingErrors {
      var options = DemoDataset.Options()
      options.trainScenes = trainScenes
      options.validationScenes = validationScenes
      options.colours = colours
      options.shapes = shapes
      options.relations = relations
      options.seed = seed
      let dataset = try DemoDataset(options)
      let progress = Progress("drawing", total: trainScenes + validationScenes, unit: "images")
      try dataset.write(to: FileName.url(output, isFolder: true)) { done, _ in
        progress.update(to: done)
      }
      progress.finish()
      StandardError.print("\(output): \(dataset.summary)")
      if let note = dataset.unseenObjectsNote { StandardError.print("  \(note)") }
    }
  }
}
