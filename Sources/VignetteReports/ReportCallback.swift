public import Foundation
import Logging
public import VignetteEvaluation
import VignetteFiles
public import VignetteTrainer

/// Writes `training-report.html` and the model card at the end of a run.
///
/// What was seen so far is kept in the checkpoints, so that a run that was killed and goes on leaves the report of
/// one that never was.
public final class ReportCallback: TrainerCallback {
  private let folder: URL
  private let dataset: ModelCard.Dataset
  private let modelType: String
  private let settings: [SettingValue]
  private let keepsBest: Bool
  private let spelling: @Sendable (String) -> String
  private var watched = WatchedCaptions()
  private static let shownImages = 12

  /// - Parameters:
  ///   - folder: the run's output.
  ///   - dataset: what the model is trained and measured on.
  ///   - arguments: those of the run, which report and card list.
  ///   - modelType: config.json's `model_type`, which says how the card loads the model.
  ///   - spelling: how warnings call options, which stand in them in backquotes.
  public init(
    folder: URL, dataset: ModelCard.Dataset, arguments: TrainingArguments,
    modelType: String = "vision-encoder-decoder", spelling: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.spelling = spelling
    self.folder = folder
    self.dataset = dataset
    self.modelType = modelType
    settings = arguments.settings
    keepsBest = arguments.loadBestModelAtEnd
  }

  public func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {
    watched.health = CaptionHealth(samples)
    let step = max(1, samples.count / Self.shownImages)
    for index in stride(from: 0, to: samples.count, by: step).prefix(Self.shownImages) {
      watched.add(samples[index], epoch: record.epoch, step: record.step)
    }
  }

  public func save(to folder: URL) throws { try watched.save(to: folder) }

  public func restore(from checkpoint: URL) throws {
    if let saved = try WatchedCaptions(folder: checkpoint) { watched = saved }
  }

  public func trainingEnded(_ state: TrainerState) {
    do {
      try report(state).write(to: folder.appendingPathComponent(TrainingReport.fileName))
      try card(state).write(to: folder.appendingPathComponent(ModelCard.fileName))
    } catch {
      // The model is there; it would be lost with the error.
      Logger(label: "vignette.training").warning("\(error)")
    }
  }

  private func report(_ state: TrainerState) -> TrainingReport {
    var report = TrainingReport(
      title: FileName.printed(folder.lastPathComponent), summary: "A captioner trained on \(dataset.name).",
      history: state.logHistory, bestStep: keptStep(state), health: watched.health,
      images: watched.images.compactMap { image in
        PageImage.data(contentsOf: URL(fileURLWithPath: image.path)).map {
          ValidationImage(
            name: FileName.printed(URL(fileURLWithPath: image.path).lastPathComponent), data: $0,
            references: image.references,
            captions: image.captions)
        }
      }, settings: settings)
    report.spelling = spelling
    return report
  }

  /// The evaluation of the model that is the result: the best one, or that of the last step.
  private func keptStep(_ state: TrainerState) -> Int? {
    keepsBest ? state.bestGlobalStep : EvaluationRecord.all(in: state.logHistory).last?.step
  }

  private func card(_ state: TrainerState) -> ModelCard {
    var card = ModelCard(
      name: FileName.printed(folder.lastPathComponent), summary: "A captioner trained on \(dataset.name).",
      modelType: modelType, dataset: dataset,
      records: EvaluationRecord.all(in: state.logHistory), bestStep: keptStep(state), health: watched.health,
      settings: settings)
    card.spelling = spelling
    return card
  }
}

/// The validation captions that a run's report shows, as a checkpoint keeps them: `validation_captions.json`.
private struct WatchedCaptions: Codable {
  static let fileName = "validation_captions.json"

  struct WatchedImage: Codable {
    let path: String
    let references: [String]
    var captions: [ValidationImage.Caption]
  }

  /// In the order of the first evaluation.
  private(set) var images: [WatchedImage] = []
  /// Of the captions of the last evaluation.
  var health: CaptionHealth?

  init() {}

  /// What the checkpoint in `folder` keeps; nil if it has no such file.
  ///
  /// - Throws: ``TrainingError/checkpoint(path:problem:)`` for a file that can't be understood.
  init?(folder: URL) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    guard FileSystem.exists(url) else { return nil }
    do {
      self = try JSONDecoder().decode(Self.self, from: TextFile.json(url))
    } catch {
      throw TrainingError.checkpoint(
        path: url.path,
        problem: "can't be read; remove it to go on without the captions of earlier evaluations")
    }
  }

  func save(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(encoder.encode(self)), to: folder.appendingPathComponent(Self.fileName))
  }

  /// Notes what an evaluation says of an image; the first caption counts where there are several.
  mutating func add(_ sample: EvaluatedCaption, epoch: Double, step: Int) {
    let caption = ValidationImage.Caption(epoch: epoch, step: step, text: sample.caption)
    guard let index = images.firstIndex(where: { $0.path == sample.path }) else {
      images.append(WatchedImage(path: sample.path, references: sample.references, captions: [caption]))
      return
    }
    if images[index].captions.last?.step != step { images[index].captions.append(caption) }
  }
}
