import Foundation
import Testing
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

@Suite struct ProgressCallbackTests {
  private static func record(epoch: Double, loss: Double) -> EvaluationRecord {
    EvaluationRecord(
      epoch: epoch, step: Int(10 * epoch), trainingLoss: 2, validationLoss: loss,
      metrics: [Metric("rouge1", 20)])
  }

  private static let samples = (1...6).map {
    EvaluatedCaption(path: "pictures/\($0).png", caption: "a dog", references: ["dog \($0)", "another"])
  }

  private static func state(step: Int) -> TrainerState {
    var state = TrainerState()
    state.globalStep = step
    state.maxSteps = 20
    return state
  }

  /// An epoch of ten steps, a second each, and an evaluation of 100 seconds.
  private static func epoch(_ number: Int, _ callback: ProgressCallback, _ terminal: FakeTerminal) {
    for step in 1...10 {
      terminal.wait(1)
      callback.stepEnded(
        state(step: 10 * (number - 1) + step), loss: 2.5, learningRate: 5e-5, captions: 8)
    }
    for batch in 0...4 {
      callback.evaluating(done: batch, of: 4)
      terminal.wait(25)
    }
    callback.evaluated(record(epoch: Double(number), loss: 3 / Double(number)), samples: samples)
  }

  @Test func whatATerminalShows() {
    let terminal = FakeTerminal()
    let callback = ProgressCallback(output: terminal.output(.bar(.plain)))
    callback.trainingBegan(Self.state(step: 0))
    Self.epoch(1, callback, terminal)
    let first = FakeTerminal.screen(terminal.take())
    #expect(
      first.dropLast() == [
        "      Training Validation  0–100", "Epoch     Loss       Loss Rouge1",
        "───── ──────── ────────── ──────",
        "    1   2.0000     3.0000  20.00", "  1.png: a dog", "    reference: dog 1", "  3.png: a dog",
        "    reference: dog 3", "  5.png: a dog", "    reference: dog 5",
        "warning: captions are nearly the same for every image: 17% of 6 differ, and 100% are \"a dog\". The model "
          + "isn't looking at the images yet; train longer, or check that each caption stands beside its image.",
        "",
      ])
    // The evaluation's time isn't held against the steps.
    #expect(first.last == "training  50% ━━━━━╸───── 10/20  02:15 < 00:10  loss 2.5000")

    Self.epoch(2, callback, terminal)
    callback.trainingEnded(Self.state(step: 20))
    let last = FakeTerminal.screen(terminal.take())
    #expect(
      last.suffix(9) == [
        "training 100% ━━━━━━━━━━━━━━━━━━━ 20/20  04:30  loss 2.5000", "", "      Training Validation  0–100",
        "Epoch     Loss       Loss Rouge1", "───── ──────── ────────── ──────",
        "    1   2.0000     3.0000  20.00", "    2   2.0000     1.5000  20.00", "", "",
      ], "\(last.suffix(9))")
  }

  @Test func anEvaluationHasABarOfItsOwn() {
    let terminal = FakeTerminal()
    let callback = ProgressCallback(output: terminal.output(.bar(.plain)))
    callback.trainingBegan(Self.state(step: 0))
    callback.evaluating(done: 0, of: 4)
    terminal.wait(10)
    callback.evaluating(done: 1, of: 4)
    #expect(
      FakeTerminal.screen(terminal.take()) == ["evaluating  25% ━━━━━━────────────────── 1/4  00:10 < 00:30"])
  }

  @Test func withoutATerminalThereAreLines() {
    let terminal = FakeTerminal()
    let callback = ProgressCallback(output: terminal.output(.lines(every: 30)))
    callback.trainingBegan(Self.state(step: 0))
    Self.epoch(1, callback, terminal)
    callback.trainingEnded(Self.state(step: 10))
    let lines = terminal.take().split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(2) == [
        "evaluating: 2/4 (50%), 00:50 elapsed, 00:50 left, 0.04 batches/s",
        "evaluating: 4/4 (100%), 01:40 elapsed, 0.04 batches/s",
      ])
    #expect(
      lines.last?.hasPrefix("training: 10/20 (50%), 02:15 elapsed, 00:10 left, loss 2.5000, lr 5.00e-05")
        == true)
    #expect(lines.count { $0.hasPrefix("training:") } == 1)
  }

  @Test func aRunThatGoesOnShowsWhatCameBefore() {
    let terminal = FakeTerminal()
    var state = Self.state(step: 10)
    state.logHistory = [LogEntry([("eval_loss", 2.5)], epoch: 1, step: 10)]
    let callback = ProgressCallback(output: terminal.output(.nothing))
    callback.trainingBegan(state)
    #expect(terminal.take().contains("    1   No log     2.5000\n"))
  }
}
