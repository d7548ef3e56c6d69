import Foundation
import Training

/// Gathers a run's validation captions and writes `training-report.html` and the model card at its end.
final class ReportWriter: TrainerCallback {
  private let folder: URL
  private let title: String
  private let dataset: String
  private let settings: [Setting]
  private var pictures: [String: [ValidationPicture.Caption]] = [:]
  private var references: [String: [String]] = [:]
  private var health: CaptionHealth?
  private static let shownPictures = 12

  /// - Parameters:
  ///   - folder: the run's output.
  ///   - title: what the run was trained on.
  ///   - dataset: the data set's identifier.
  init(folder: URL, title: String, dataset: String, arguments: TrainingArguments) {
    self.folder = folder
    self.title = title
    self.dataset = dataset
    let fields =
      (try? JSONSerialization.jsonObject(with: JSONEncoder().encode(arguments)) as? [String: Any]) ?? [:]
    settings = fields.keys.sorted().map { Setting($0, "\(fields[$0] ?? "")") }
  }

  func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {
    health = CaptionHealth(captions: samples.map(\.caption))
    let step = max(1, samples.count / Self.shownPictures)
    for index in stride(from: 0, to: samples.count, by: step).prefix(Self.shownPictures) {
      let sample = samples[index]
      references[sample.path] = sample.references
      pictures[sample.path, default: []].append(
        ValidationPicture.Caption(epoch: record.epoch, step: record.step, text: sample.caption))
    }
  }

  func trainingEnded(_ state: TrainerState) {
    do {
      try report(state).write(to: folder.appendingPathComponent("training-report.html"))
      try card(state).write(to: folder.appendingPathComponent("README.md"))
    } catch { StandardError.print("vignette: \(error)") }
  }

  private func report(_ state: TrainerState) -> TrainingReport {
    TrainingReport(
      title: "Training on \(title)",
      summary: "\(state.globalStep) steps, \(String(format: "%.2f", state.epoch)) epochs",
      history: state.logHistory,
      bestStep: state.bestGlobalStep, health: health,
      pictures: pictures.keys.sorted().compactMap { path in
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map {
          ValidationPicture(
            name: (path as NSString).lastPathComponent, data: $0, references: references[path] ?? [],
            captions: pictures[path] ?? [])
        }
      },
      settings: settings)
  }

  private func card(_ state: TrainerState) -> ModelCard {
    ModelCard(
      name: folder.lastPathComponent, summary: "A captioner trained on \(title).", language: "en",
      license: nil,
      dataset: ModelCard.Dataset(name: title, identifier: dataset, split: "validation"),
      records: EvaluationRecord.all(in: state.logHistory),
      bestStep: state.bestGlobalStep, health: health, settings: settings, versions: [])
  }
}
