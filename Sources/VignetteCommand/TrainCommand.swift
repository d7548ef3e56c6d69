public import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteEvaluation
import VignetteModels
import VignetteReports
import VignetteTrainer

struct TrainCommand: AsyncParsableCommand, ConfigurableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains a captioner on images and their captions.",
    discussion: """
      Options carry the names of Hugging Face's Seq2SeqTrainingArguments.

        vignette init --encoder google/vit-base-patch16-224-in21k --decoder gpt2 --output model
        vignette train --model model --dataset coco --data-dir coco --output run --bf16
        vignette caption --model run photo.jpg

      All of them can stand in a YAML file, which those of the command line override:

        vignette train --config train.yaml --learning-rate 1e-4

      Options that only Python has are accepted where they ask for nothing (`fp16: false`).

      Ctrl-C stops a run after the step at hand, or within its evaluation, with a checkpoint; a second one stops it at once. A run that was \
      stopped or killed goes on with --resume-from-checkpoint latest, with the same losses and weights as if it had \
      not been.

      Exit status: 0 trained · 3 trained, without images that could not be read (skipped.jsonl in the output folder \
      names them) · others as for vignette.
      """)

  @Option(help: "YAML file with these options, named as here or as in Python: `learning_rate: 1e-4`.")
  var config: String?

  @Option(help: "Model to start from: its folder, or its name on the Hugging Face hub.")
  var model: String

  @OptionGroup var data: DatasetArguments

  @Option(
    name: [.long, .customLong("output-dir")], help: "Folder for checkpoints, logs and the result.")
  var output: String

  @Option(parsing: .unconditional, help: "Number of captions to train on, the first ones.")
  var maxTrainSamples: Int?

  @Option(parsing: .unconditional, help: "Number of captions to evaluate on, the first ones.")
  var maxEvalSamples: Int?

  @Option(help: "Checkpoint to go on from: its folder, or `latest`.")
  var resumeFromCheckpoint: String?

  @Option(help: "Format of the result's weights.")
  var weightsFormat = WeightsFormat.safetensors

  @Option(help: "Log besides the output folder's own files: tensorboard or none.")
  var reportTo = ReportTarget.tensorboard

  @OptionGroup(title: "Training") var training: OptionFlags<TrainingArguments>

  @OptionGroup(title: "Sharing") var sharing: SharingArguments

  @OptionGroup(title: "Models") var hub: HubArguments
  @OptionGroup var compute: ComputeArguments

  enum ReportTarget: String, ExpressibleByArgument, CaseIterable { case tensorboard, none }

  func run() async throws {
    try await reportingErrors(
      goesOn: "go on with --resume-from-checkpoint latest",
      stopping: "stopping after this step; once more stops at once"
    ) {
      // A pipe whose reader has gone is no reason to lose a run.
      signal(SIGPIPE, SIG_IGN)
      compute.apply()
      try ComputeThread.start()
      do {
        try await train(arguments())
      } catch let stop as TrainingError where stop.isStop {
        StandardError.print("vignette: \(stop)\(stop.canGoOn ? "; use --resume-from-checkpoint latest" : "")")
        throw ExitStatus.interrupted
      } catch let error as SettingError {
        throw try inConfiguration(error) ?? error
      }
    }
  }

  private func arguments() throws -> TrainingArguments {
    // Before the data is read, which can take a while.
    try training.options.validate()
    for (option, limit) in [("max_train_samples", maxTrainSamples), ("max_eval_samples", maxEvalSamples)] {
      if let limit, limit < 1 {
        throw SettingError(Setting(option), "must be at least 1, but is \(limit)")
      }
    }
    return training.options
  }

  @ComputeThread
  private func train(_ arguments: TrainingArguments) async throws {
    let folder = FileName.url(output, isFolder: true)
    let push = try sharing.push(folder)
    // Before the data is read, which can take a while.
    let start = try await hub.resolve(captioner: model)
    try FolderMaker.make(folder)
    let (train, evaluation) = try datasets(arguments)
    let parts = try CaptionerParts(at: start)
    let trainer = try Trainer(
      parts, training: train, evaluation: evaluation, output: folder, arguments: arguments,
      callbacks: callbacks(folder, arguments, parts.model.configuration.modelType))
    DatasetNotes.print("training on", train)
    if let evaluation {
      DatasetNotes.print("evaluating on", evaluation, besides: train)
      if let generation = trainer.evaluationGeneration {
        StandardError.print("  captions: \(generation.summary)")
      }
    }
    try await trainer.run(resumingFrom: checkpoint(trainer))
    try trainer.saveModel(to: folder, format: weightsFormat)
    try trainer.saveMetrics(to: folder)
    let leftOut = SkippedList(folder).sentence
    if let leftOut { StandardError.print(leftOut) }
    StandardError.print("\(output): trained; try: vignette caption --model \(output) IMAGE")
    try await push?.run()
    if leftOut != nil { throw ExitStatus.imagesLeftOut }
  }

  private func datasets(
    _ arguments: TrainingArguments
  ) throws -> (training: CaptionDataset, evaluation: CaptionDataset?) {
    let evaluates = arguments.evalStrategy != .no
    func load(_ split: DatasetSplit, _ maxSamples: Int?) throws -> CaptionDataset {
      var options = data.options(split)
      options.maxSamples = maxSamples
      options.missingImages = training.options.checkImages ? .skip : .fail
      // Nothing is set aside for an evaluation that won't be.
      if !evaluates { options.validationFraction = 0 }
      return try CaptionDataset(options)
    }
    return (try load(.train, maxTrainSamples), evaluates ? try load(.validation, maxEvalSamples) : nil)
  }

  private func callbacks(
    _ folder: URL, _ arguments: TrainingArguments, _ modelType: String
  ) -> [any TrainerCallback] {
    let shown: [any TrainerCallback] = [
      ProgressCallback(arguments, spelling: FlagSpelling.spelled),
      ReportCallback(
        folder: folder, dataset: dataset, arguments: arguments, modelType: modelType,
        spelling: FlagSpelling.spelled),
    ]
    guard reportTo == .tensorboard else { return shown }
    return shown + [TensorBoardCallback(folder: folder.appendingPathComponent("runs", isDirectory: true))]
  }

  /// What the report and the model card say that the model learned from.
  private var dataset: ModelCard.Dataset {
    let folder = FileName.printed(FileName.url(data.dataDir).lastPathComponent)
    let kind = data.dataset.rawValue
    return ModelCard.Dataset(
      name: folder.lowercased() == kind ? folder : "\(folder) (\(kind))", identifier: kind,
      split: "validation")
  }

  /// What is wrong with an option that only the configuration file gives, as the file spells it.
  private func inConfiguration(_ error: SettingError) throws -> ConfigurationError? {
    let name = error.setting.name.replacing("_", with: "-")
    let isOnCommandLine = GivenArguments.all.contains { argument in
      let flag = argument.prefix { $0 != "=" }.replacing("_", with: "-")
      return flag == "--\(name)" || flag == "--no-\(name)"
    }
    guard let config, !isOnCommandLine else { return nil }
    let file = try ConfigurationFile(contentsOf: FileName.url(config), for: Self.self)
    return file.entries.last { name == $0.option.name }.map {
      ConfigurationError(
        path: file.path, line: $0.line, key: $0.key, problem: FlagSpelling.inFiles(error.problem))
    }
  }

  @ComputeThread
  private func checkpoint(_ trainer: Trainer) throws -> URL? {
    guard let resumeFromCheckpoint else { return nil }
    guard resumeFromCheckpoint == "latest" else {
      return FileName.url(resumeFromCheckpoint, isFolder: true)
    }
    if trainer.latestCheckpoint == nil {
      StandardError.print("\(output): no checkpoint yet; starting from the beginning")
    }
    return trainer.latestCheckpoint
  }
}

/// How Hugging Face's users write options.
extension TrainCommand {
  static let otherSpellings = ["output-dir": "output"].merging(
    UnsupportedArgument.otherNames.map { name, own in
      (name.replacing("_", with: "-"), own.replacing("_", with: "-"))
    }
  ) { own, _ in own }

  static var booleanMeanings: [String: BooleanMeaning] {
    ["resume-from-checkpoint": BooleanMeaning(yes: "latest", no: nil)]
  }

  static let unsupportedNames = UnsupportedArgument.all.keys.map { $0.replacing("_", with: "-") }

  static func refusal(of name: String, value: String?) throws -> String? {
    guard let argument = UnsupportedArgument.all[name.replacing("-", with: "_")] else {
      throw UnknownOption()
    }
    return argument.problem(value)
  }
}

extension WeightsFormat: ExpressibleByArgument {}
extension WeightsType: ExpressibleByArgument {}
