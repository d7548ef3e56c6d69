import ArgumentParser
import Checkpoints
import Datasets
import Foundation
import Training
import Vignette

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a captioner on images and their captions.",
    discussion: """
      Options carry the names of Hugging Face's Seq2SeqTrainingArguments.

        vignette init --encoder google/vit-base-patch16-224-in21k --decoder gpt2 --output model
        vignette train --model model --dataset coco --data-dir coco --output run --bf16
        vignette caption --model run photo.jpg

      A run that was stopped or killed goes on with --resume-from-checkpoint latest, with the same losses and weights \
      as if it had not been.
      """)

  @Option(help: "The model to start from: a folder, or a name in the Hugging Face cache.")
  var model: String

  @OptionGroup var data: DatasetArguments

  @Option(help: "The folder for checkpoints, logs and the result.")
  var output: String

  @Option(help: "Train on the first so many captions.")
  var maxTrainSamples: Int?

  @Option(help: "Evaluate on the first so many captions.")
  var maxEvalSamples: Int?

  @Flag(
    name: .customLong("no-check-images"),
    help: "Stop at the first picture that can't be read, instead of leaving it out.")
  var failsOnBadImages = false

  @Option(help: "Go on from a checkpoint: its folder, or `latest`.")
  var resumeFromCheckpoint: String?

  @Option(help: "The format of the result's weights: safetensors or pytorch.")
  var weightsFormat = WeightsFormat.safetensors

  @Option(help: "Where the log goes besides the files: tensorboard or none.")
  var reportTo = ReportTarget.tensorboard

  @OptionGroup(title: "Training") var training: TrainingOptions

  @OptionGroup var compute: ComputeArguments

  enum ReportTarget: String, ExpressibleByArgument, CaseIterable { case tensorboard, none }

  func run() throws {
    try reportingErrors {
      // A pipe whose reader has gone is no reason to lose a run.
      signal(SIGPIPE, SIG_IGN)
      compute.apply()
      var arguments = try training.arguments()
      arguments.failsOnBadImages = failsOnBadImages
      let folder = URL(fileURLWithPath: output, isDirectory: true)
      let missing: DatasetOptions.MissingImages = failsOnBadImages ? .fail : .skip
      let train = try data.load(.train, maxSamples: maxTrainSamples, missing: missing)
      let evaluation =
        arguments.evalStrategy == .no
        ? nil : try data.load(.validation, maxSamples: maxEvalSamples, missing: missing)
      var callbacks: [any TrainerCallback] = [
        ProgressCallback(arguments), ReportCallback(folder: folder, dataset: dataset, arguments: arguments),
      ]
      if reportTo == .tensorboard {
        callbacks.append(
          TensorBoardCallback(folder: folder.appendingPathComponent("runs", isDirectory: true)))
      }
      let trainer = try Trainer(
        modelAt: HubCache().resolve(model), training: train, evaluation: evaluation, output: folder,
        arguments: arguments, callbacks: callbacks)
      announce("training on", train)
      if let evaluation { announce("evaluating on", evaluation) }
      try trainer.run(resumingFrom: checkpoint(trainer))
      try trainer.saveModel(to: folder, format: weightsFormat)
      StandardError.print("\(output): trained; try: vignette caption --model \(output) PICTURE")
    }
  }

  /// What the report and the model card say that the model learned from.
  private var dataset: ModelCard.Dataset {
    let folder = URL(fileURLWithPath: data.dataDir).lastPathComponent
    let kind = data.dataset.rawValue
    return ModelCard.Dataset(
      name: folder.lowercased() == kind ? folder : "\(folder) (\(kind))", identifier: kind,
      split: "validation")
  }

  private func announce(_ purpose: String, _ dataset: CaptionDataset) {
    StandardError.print("\(purpose) \(dataset.captionCount) captions of \(dataset.images.count) images")
  }

  private func checkpoint(_ trainer: Trainer) throws -> URL? {
    guard let resumeFromCheckpoint else { return nil }
    guard resumeFromCheckpoint == "latest" else {
      return URL(fileURLWithPath: resumeFromCheckpoint, isDirectory: true)
    }
    if trainer.latestCheckpoint == nil {
      StandardError.print("\(output): no checkpoint yet; starting from the beginning")
    }
    return trainer.latestCheckpoint
  }
}

extension WeightsFormat: ExpressibleByArgument {}
