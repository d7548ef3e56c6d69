import Foundation
public import VignetteEvaluation
import VignetteFiles
public import VignetteTrainer

/// Shows a run on standard error: a progress bar, and for each evaluation the table that Hugging Face's Trainer
/// prints with a few captions beside their references.
///
/// Where standard error is no terminal, the bar becomes a line every half minute.
public final class ProgressCallback: TrainerCallback {
  private let output: ProgressOutput
  private let firstColumn: EvaluationTable.FirstColumn
  private let spelling: @Sendable (String) -> String
  private var training: ProgressBar?
  private var evaluation: ProgressBar?
  private var records: [EvaluationRecord] = []
  private var captionRate = RateEstimate()
  private var lastStepTime = 0.0
  private static let shownCaptions = 3

  /// - Parameters:
  ///   - arguments: those of the run; they decide whether the table shows epochs or steps.
  ///   - output: where it is shown.
  ///   - spelling: how warnings call options, which stand in them in backquotes.
  public init(
    _ arguments: TrainingArguments = TrainingArguments(),
    output: ProgressOutput = .standardError(linesEvery: 30),
    spelling: @escaping @Sendable (String) -> String = { $0 }
  ) {
    self.output = output
    self.spelling = spelling
    firstColumn = arguments.evalStrategy == .steps ? .step : .epoch
  }

  public func trainingBegan(_ state: TrainerState) {
    records = EvaluationRecord.all(in: state.logHistory)
    if !records.isEmpty { output.write("before step \(state.globalStep):\n\(table)\n\n") }
    training = ProgressBar(
      "training", total: state.maxSteps, unit: "steps", completed: state.globalStep, output: output)
    lastStepTime = output.now()
  }

  public func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int) {
    let now = output.now()
    captionRate.add(captions, duration: now - lastStepTime)
    lastStepTime = now
    var fields = [
      ProgressState.Field("loss", String(format: "%.4f", loss)),
      .init("lr", String(format: "%.2e", learningRate)),
    ]
    if let rate = captionRate.perSecond { fields.append(.init("captions/s", String(format: "%.1f", rate))) }
    training?.update(to: state.globalStep, fields: fields)
  }

  public func evaluating(done: Int, of total: Int) {
    if evaluation == nil {
      training?.pause()
      evaluation = ProgressBar("evaluating", total: total, unit: "batches", output: output)
    }
    evaluation?.update(to: done)
  }

  public func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {
    evaluation?.finish(leavesLine: false)
    evaluation = nil
    records.append(record)
    let lines = [EvaluationTable.text([record], firstColumn: firstColumn)] + shown(samples)
    output.write(lines.joined(separator: "\n") + "\n\n")
    lastStepTime = output.now()
    training?.resume()
  }

  public func trainingEnded(_ state: TrainerState) {
    // A step whose images can't be read isn't reported.
    training?.update(to: state.globalStep)
    training?.finish()
    training = nil
    if records.count > 1 { output.write("\n\(table)\n\n") }
  }

  private var table: String { EvaluationTable.text(records, firstColumn: firstColumn) }

  /// A few captions, evenly spread over the data, and what is wrong with all of them.
  private func shown(_ samples: [EvaluatedCaption]) -> [String] {
    let step = max(1, samples.count / Self.shownCaptions)
    let lines = stride(from: 0, to: samples.count, by: step).prefix(Self.shownCaptions).flatMap { index in
      [
        "  \(FileName.printed(URL(fileURLWithPath: samples[index].path).lastPathComponent)): "
          + TerminalText.escaped(samples[index].caption, keepsLines: false),
        "    reference: " + TerminalText.escaped(samples[index].references.first ?? "", keepsLines: false),
      ]
    }
    let warnings = CaptionHealth(samples)?.warnings ?? []
    return lines + warnings.map { "warning: \(spelling($0))" }
  }
}
