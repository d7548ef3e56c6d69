import Foundation
import VignetteTestSupport
import Testing

/// How runs end, and what their last evaluation is worth.
@Suite(.serialized) struct TrainEndTests {
  /// Ctrl-C ends a run after the step, with a checkpoint from which it goes on as if it had not been stopped.
  @Test(arguments: [SIGINT, SIGTERM])
  func aStoppedRunLeavesACheckpoint(signal: Int32) throws {
    let run = try TrainRun(dropout: 0.1)
    let arguments = ["--max-steps", "60", "--save-strategy", "steps", "--save-steps", "1000"]
    try run.trained("whole", arguments)
    let process = Command.process(run.arguments("run", arguments + ["--report-to", "tensorboard"]))
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    // The handlers stand when the event file does; the first steps may or may not be done.
    let events = run.url("run/runs")
    while process.isRunning, !FileManager.default.fileExists(atPath: events.path) {
      Thread.sleep(forTimeInterval: 0.002)
    }
    kill(process.processIdentifier, signal)
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 130, "\(text)")
    #expect(
      text.contains("stopped after step") && text.contains("--resume-from-checkpoint latest"), "\(text)")
    let step = try #require(run.checkpoints().first)
    #expect(try step < 60 && run.checkpoints() == [step] && text.contains("after step \(step);"), "\(text)")
    try run.trained("run", arguments + ["--resume-from-checkpoint", "latest"])
    #expect(try run.weights("run") == run.weights("whole"))
  }

  /// A loss that nothing was measured for would be the best for ever.
  @Test func anEvaluationOfNothingIsAnError() throws {
    let run = try TrainRun(scenes: 4)
    try run.spoil(in: "val2017")
    let result = try run.train(
      "run",
      ["--max-steps", "4", "--eval-strategy", "steps", "--eval-steps", "2", "--save-strategy", "epoch"]
        + ["--load-best-model-at-end"])
    #expect(result.status == 2 && result.errors.contains("none of the 6 images"), "\(result.errors)")
    #expect(result.errors.contains("validation"), "\(result.errors)")
    // What was learned until then is kept.
    #expect(try run.checkpoints() == [2])
  }

  /// As Hugging Face's Trainer does, so that the result has been measured and can be the best.
  @Test func theLastStepIsEvaluated() throws {
    let run = try TrainRun(scenes: 22)
    try run.trained(
      "run",
      [
        "--max-steps", "14", "--eval-strategy", "steps", "--eval-steps", "5", "--gradient-accumulation-steps",
        "2",
      ])
    let state = try run.state()
    #expect(state.evaluations.map(\.step) == [5, 10, 14])
    // 22 images fill 11 batches, and 6 steps: five of two batches, one of one.
    let epochs = state.losses.indices.map { state.logHistory.filter { $0.loss != nil }[$0].epoch }
    for (epoch, batches) in zip(epochs, [2, 4, 6, 8, 10, 11, 13]) {
      #expect(abs(epoch - Double(batches) / 11) < 1e-12, "\(epochs)")
    }
  }

  /// Early stopping may come anywhere in an epoch; there is a checkpoint then, as after an epoch.
  @Test func earlyStoppingLeavesACheckpoint() throws {
    let run = try TrainRun()
    try run.trained(
      "run",
      [
        "--max-steps", "30", "--eval-strategy", "steps", "--eval-steps", "2", "--save-strategy", "epoch",
        "--early-stopping-patience", "1", "--lr-scheduler-type", "constant", "--learning-rate", "1e-9",
        "--metric-for-best-model", "rougeL",
      ])
    #expect(try run.state().globalStep == 4 && run.checkpoints() == [4])
  }

  /// The character error rate is measured where it tells the best model, and less of it is better.
  @Test func characterErrorsTellTheBestModel() throws {
    let run = try TrainRun(scenes: 12)
    try run.trained(
      "run",
      [
        "--max-steps", "4", "--eval-strategy", "steps", "--eval-steps", "1", "--save-strategy", "steps",
        "--save-steps", "4", "--load-best-model-at-end", "--metric-for-best-model", "cer", "--learning-rate",
        "0.03",
      ])
    let state = try run.state()
    let rates = try state.evaluations.map { (step: $0.step, rate: try #require($0.evalCer)) }
    #expect(rates.count == 4 && rates.allSatisfy { $0.rate > 0 })
    #expect(state.bestGlobalStep == rates.min { $0.rate < $1.rate }?.step)
  }

  /// One image can't have CIDEr, and this is told before the first step; its other scores are there.
  @Test func oneImageHasNoCider() throws {
    let run = try TrainRun(scenes: 4)
    let arguments = ["--max-steps", "2", "--eval-strategy", "epoch", "--max-eval-samples", "5"]
    let result = try run.train("run", arguments + ["--metric-for-best-model", "cider"])
    #expect(result.status == 2 && result.errors.contains("CIDEr"), "\(result.errors)")
    try run.trained("run", arguments)
    let text = try String(contentsOf: run.url("run/trainer_state.json"), encoding: .utf8)
    #expect(text.contains("eval_Bleu_4") && !text.contains("eval_CIDEr"))
  }

  /// A place in the run that no run can have been at is a damaged file, not a fault or an endless loop.
  @Test(arguments: [
    (#""batch" : 2"#, #""batch" : -1"#), (#""batch" : 2"#, #""batch" : 9223372036854775807"#),
    (#""epoch" : 0"#, #""epoch" : 9223372036854775807"#), (#""epoch" : 0"#, #""epoch" : -1"#),
  ])
  func placesThatCanNotBeAreRefused(_ place: String, _ nonsense: String) throws {
    let run = try TrainRun(scenes: 8)
    let arguments = ["--save-strategy", "steps", "--save-steps", "2"]
    try run.trained("run", arguments + ["--max-steps", "2"])
    try run.edit("run/checkpoint-2/run_position.json") { $0.replacing(place, with: nonsense) }
    let result = try run.train("run", arguments + ["--max-steps", "4", "--resume-from-checkpoint", "latest"])
    #expect(result.status == 2 && result.errors.contains("checkpoint-2"), "\(result.status) \(result.errors)")
  }

  /// Ids with gaps: the largest counts, not how many there are.
  @Test func aTokenBeyondTheVocabularyIsToldAtOnce() throws {
    let run = try TrainRun(scenes: 4)
    try run.edit("model/tokenizer.json") { text in
      text.replacing(/("model"(.|\n)*?"vocab"\s*:\s*\{\s*"[^"]*"\s*:\s*)\d+/) { "\($0.output.1)5000" }
    }
    let result = try run.train("run", ["--max-steps", "2"])
    #expect(result.status == 2 && result.errors.contains("5000"), "\(result.status) \(result.errors)")
  }

  /// A model that doesn't look at its images can't tell them apart: each gets a caption of its own.
  @Test func trainingLooksAtTheImages() throws {
    let run = try TrainRun(scenes: 6)
    try run.trained(
      "run",
      ["--max-steps", "240", "--per-device-train-batch-size", "30", "--learning-rate", "2e-3"])
    let result = try Command.run(
      [
        "evaluate", "--model", run.url("run").path, "--dataset", "coco", "--data-dir", run.url("scenes").path,
        "--split", "train", "--format", "json",
      ])
    let scores = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Double])
    #expect(scores["scenes_right"] == 1 && scores["distinct_captions"] == 1, "\(scores) \(result.errors)")
  }
}
