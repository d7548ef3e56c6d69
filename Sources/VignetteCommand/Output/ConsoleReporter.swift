import Datasets
import Foundation
import Training

/// Shows a run on the terminal: a progress bar, the table of evaluations, and a few captions of each.
final class ConsoleReporter: TrainerCallback {
  private let arguments: TrainingArguments
  private var bar: ProgressBar?
  private var table: EvaluationTable
  private var captions = 0
  private var started = Date()
  private static let shownCaptions = 3

  init(arguments: TrainingArguments) {
    self.arguments = arguments
    table = EvaluationTable(firstColumn: arguments.evalStrategy == .steps ? .step : .epoch)
  }

  func announce(_ training: CaptionDataset, _ evaluation: CaptionDataset?) {
    say("training on \(training.captionCount) captions of \(training.images.count) images")
    if let evaluation {
      say("evaluating on \(evaluation.captionCount) captions of \(evaluation.images.count) images")
    }
  }

  func trainingBegan(_ state: TrainerState) {
    started = Date()
    bar = ProgressBar(
      "training", total: state.maxSteps, unit: "steps", completed: state.globalStep,
      output: .standardError(linesEvery: 30))
  }

  func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int) {
    self.captions += captions
    let rate = Double(self.captions) / max(1e-3, -started.timeIntervalSinceNow)
    bar?.update(
      to: state.globalStep,
      fields: [.init("loss", loss), .init("lr", learningRate), .init("captions/s", rate)])
  }

  func evaluating(done: Int, of total: Int) {
    bar?.advance(by: 0, fields: [.init("evaluating", "\(done)/\(total)")])
  }

  func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {
    say(table.append(record))
    let step = max(1, samples.count / Self.shownCaptions)
    for sample in stride(from: 0, to: samples.count, by: step).prefix(Self.shownCaptions).map({ samples[$0] })
    {
      say("  \((sample.path as NSString).lastPathComponent): \(sample.caption)")
      say("    (reference: \(sample.references.first ?? ""))")
    }
    for warning in CaptionHealth(captions: samples.map(\.caption))?.warnings ?? [] { say("  \(warning)") }
  }

  /// Prints a line above the bar.
  private func say(_ line: String) {
    if let bar { bar.println(line) } else { StandardError.print(line) }
  }

  func trainingEnded(_ state: TrainerState) { bar?.finish() }
}
