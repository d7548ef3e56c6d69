import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

/// What a run keeps, refuses and survives, through the command.
@Suite(.serialized) struct TrainRunTests {
  /// The best model is the result wherever it stood, and never one that wasn't kept.
  @Test func theBestModelIsTheResult() throws {
    let run = try TrainRun()
    try run.trained(
      "run",
      [
        "--max-steps", "9", "--eval-strategy", "steps", "--eval-steps", "1", "--save-strategy", "steps",
        "--save-steps", "4", "--load-best-model-at-end", "--save-total-limit", "1", "--learning-rate", "0.03",
      ])
    let state = try run.state()
    let best = try #require(state.evaluations.min { ($0.evalLoss ?? 0) < ($1.evalLoss ?? 0) })
    #expect(state.bestGlobalStep == best.step)
    #expect(try run.weights("run") == run.weights("run/checkpoint-\(best.step)"))
    #expect(try Set(run.checkpoints()) == [best.step, 9])
    // metrics.json tells of these weights.
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: run.url("run/metrics.json")))
    let metrics = try #require(file as? [String: Any])
    let sum = "\(try SHA256Sum(contentsOf: run.url("run/model.safetensors")))"
    #expect(metrics["step"] as? Int == best.step)
    #expect(metrics["sha256"] as? [String: String] == ["model.safetensors": sum])
    let loss = try #require((metrics["metrics"] as? [String: Double])?["loss"])
    #expect(abs(loss - (best.evalLoss ?? 0)) < 1e-12)
    #expect((metrics["metrics"] as? [String: Double])?.keys.contains("distinct_captions") == true)
  }

  /// Training that no longer helps is stopped, and goes on where patience is given up.
  @Test func patienceEndsAndIsGivenUp() throws {
    let run = try TrainRun()
    let arguments = [
      "--max-steps", "30", "--eval-strategy", "steps", "--eval-steps", "1", "--save-strategy", "steps",
      "--save-steps",
      "1", "--metric-for-best-model", "eval_rougel", "--lr-scheduler-type", "constant", "--learning-rate",
      "1e-9",
    ]
    // Captions of a model that doesn't change are never better than the first time.
    try run.trained("run", arguments + ["--early-stopping-patience", "2"])
    #expect(try run.state().globalStep == 3)
    try run.trained(
      "run", arguments + ["--max-steps", "5", "--save-steps", "2", "--resume-from-checkpoint", "latest"])
    let state = try run.state()
    #expect(state.globalStep == 5 && state.maxSteps == 5 && state.saveSteps == 2 && state.bestGlobalStep == 1)
  }

  /// Another run's checkpoints are neither taken for one's own nor removed unasked.
  @Test func aUsedFolderIsRefused() throws {
    let run = try TrainRun()
    let arguments = ["--save-strategy", "steps", "--save-steps", "2", "--save-total-limit", "2"]
    try run.trained("run", arguments + ["--max-steps", "8"])
    #expect(try run.checkpoints() == [6, 8])
    let again = try run.train("run", arguments + ["--max-steps", "4"])
    #expect(again.status == 2 && again.errors.contains("checkpoint-8"), "\(again.errors)")
    #expect(again.errors.contains("--resume-from-checkpoint latest"), "\(again.errors)")
    #expect(try run.checkpoints() == [6, 8])
    let back = try run.train(
      "run", arguments + ["--max-steps", "7", "--resume-from-checkpoint", run.url("run/checkpoint-6").path])
    #expect(back.status == 2, "\(back.errors)")
    try run.trained("run", arguments + ["--max-steps", "4", "--overwrite-output-dir"])
    #expect(try run.checkpoints() == [2, 4])
  }

  /// As Hugging Face's trainer: one more entry, and the next has the mean loss since it.
  @Test func theFirstStepCanBeLogged() throws {
    let run = try TrainRun(scenes: 4)
    try run.trained("all", ["--max-steps", "4"])
    try run.trained("some", ["--max-steps", "4", "--logging-steps", "4", "--logging-first-step"])
    let (all, some) = (try run.state("all"), try run.state("some"))
    let entries = some.logHistory.filter { $0.loss != nil }
    #expect(entries.map(\.step) == [1, 4])
    #expect(entries.first?.loss == all.losses[0])
    let mean = all.losses[1...3].reduce(0, +) / 3
    #expect(abs((entries.last?.loss ?? 0) - mean) < 1e-6)
  }

  @Test func noImageCanBeRead() throws {
    let run = try TrainRun(scenes: 4)
    try run.spoil()
    let result = try run.train("run", ["--num-train-epochs", "2", "--save-strategy", "epoch"])
    #expect(result.status == 2 && result.errors.contains("none of the 4 images"), "\(result.errors)")
    #expect(try run.checkpoints() == [])
    let skipped = try String(contentsOf: run.url("run/skipped.jsonl"), encoding: .utf8)
    #expect(skipped.split(separator: "\n").count == 4)
  }

  /// A batch without a readable image takes nothing from the other steps, and names survive a kill.
  @Test func badImagesMoveNoEpoch() throws {
    let run = try TrainRun(scenes: 8)
    try run.spoil(first: 3)
    let arguments = [
      "--num-train-epochs", "2", "--per-device-train-batch-size", "5", "--eval-strategy", "epoch",
      "--save-strategy",
      "steps", "--save-steps", "10",
    ]
    try run.trained("run", arguments, status: 3)
    let state = try run.state()
    #expect(state.evaluations.map(\.epoch) == [1, 2])
    #expect(state.globalStep == 16 && state.maxSteps == 16 && state.losses.count == 10)
    try FileManager.default.removeItem(at: run.url("run/skipped.jsonl"))
    try FileManager.default.removeItem(at: run.url("run/checkpoint-16"))
    // All three were met in the first epoch; in the rest of the second, not all come again.
    try run.trained(
      "run", arguments + ["--resume-from-checkpoint", run.url("run/checkpoint-10").path], status: 3)
    let skipped = try String(contentsOf: run.url("run/skipped.jsonl"), encoding: .utf8)
    #expect(skipped.split(separator: "\n").count == 3, "\(skipped)")
  }

  /// Mistakes are told before an epoch is spent on them.
  @Test func mistakesAreToldAtOnce() throws {
    let run = try TrainRun(scenes: 4)
    let largest = "\(Int.max)"
    for (more, named) in [
      (["--metric-for-best-model", "rougeM"], "rougeM"),
      (["--metric-for-best-model", "CIDEr", "--no-predict-with-generate"], "--predict-with-generate"),
      (["--generation-max-length", "2000"], "--generation-max-length"),
      (["--generation-max-length=-3"], "--generation-max-length"),
      (["--generation-num-beams=-1"], "--generation-num-beams"),
      (["--eval-steps=-1"], "--eval-steps"),
      (["--num-train-epochs", "inf"], "--num-train-epochs"),
      (["--num-train-epochs", "nan", "--max-steps", "2"], "--num-train-epochs"),
      (["--dataloader-num-workers=-1"], "--dataloader-num-workers"),
      (["--per-device-train-batch-size", largest], "--per-device-train-batch-size"),
      (["--gradient-accumulation-steps", largest], "--gradient-accumulation-steps"),
      (["--load-best-model-at-end", "--eval-strategy", "no"], "--eval-strategy"),
    ] {
      let result = try run.train("run", ["--eval-strategy", "epoch", "--max-steps", "4"] + more)
      #expect(result.status == 2 && result.errors.contains(named), "\(result.status) \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: run.url("run/trainer_state.json").path))
    }
  }

  /// Going on with other data, or the same in another order, would learn some of it twice and some never.
  @Test func otherDataIsNoContinuation() throws {
    let run = try TrainRun(scenes: 8)
    let arguments = ["--max-steps", "4", "--save-strategy", "steps", "--save-steps", "2"]
    try run.trained("run", arguments)
    let resumed = arguments + ["--resume-from-checkpoint", "latest", "--max-steps", "6"]
    for (more, named) in [
      (["--seed", "7"], "--seed 42"),
      (
        ["--per-device-train-batch-size", "5", "--gradient-accumulation-steps", "2"],
        "--per-device-train-batch-size 10"
      ),
      (["--no-group-captions"], "--group-captions"),
      (["--no-shuffle"], "--shuffle"),
      (["--max-train-samples", "20"], "40 captions of 8 images"),
    ] {
      let result = try run.train("run", resumed + more)
      #expect(result.status == 2 && result.errors.contains(named), "\(more): \(result.errors)")
    }
    // As many captions of as many images, and others.
    let annotations = "scenes/annotations/captions_train2017.json"
    try run.edit(annotations) { $0.replacing("\"caption\": \"a ", with: "\"caption\": \"one ") }
    let other = try run.train("run", resumed)
    #expect(other.status == 2 && other.errors.contains("other images or captions"), "\(other.errors)")
    try run.edit(annotations) { $0.replacing("\"caption\": \"one ", with: "\"caption\": \"a ") }
    // What changes the numbers and not the data is told.
    let changed = try run.train("run", resumed + ["--weight-decay", "0.5"])
    #expect(
      changed.status == 0 && changed.errors.contains("weight_decay 0.5 instead of 0.0"), "\(changed.errors)")
    #expect(try run.state().globalStep == 6)
    try run.edit("model/config.json") {
      $0.replacing(/"resid_pdrop": [0-9.]+/, with: "\"resid_pdrop\": 0.5")
    }
    let dropping = try run.train("run", resumed + ["--max-steps", "7"])
    #expect(dropping.errors.contains("another configuration of the decoder"), "\(dropping.errors)")
  }

  /// A run that goes on in another folder finds its best model in the first.
  @Test func theBestModelIsFoundElsewhere() throws {
    let run = try TrainRun()
    let arguments = [
      "--max-steps", "8", "--eval-strategy", "steps", "--eval-steps", "2", "--save-strategy", "steps",
      "--save-steps", "2", "--load-best-model-at-end", "--learning-rate", "1e-9", "--metric-for-best-model",
      "rougeL",
    ]
    // Nothing is learned, so the first evaluation stays the best.
    try run.trained("first", arguments)
    #expect(try run.state("first").bestGlobalStep == 2)
    let first = run.url("first/checkpoint-6").path
    let result = try run.train("second", arguments + ["--resume-from-checkpoint", first])
    #expect(result.status == 0 && !result.errors.contains("isn't there"), "\(result.errors)")
    #expect(try run.weights("second") == run.weights("first/checkpoint-2"))
  }

  /// A checkpoint whose own weights gave the loss that is no number isn't called good.
  @Test func divergenceNamesTheLastGoodCheckpoint() throws {
    let run = try TrainRun()
    let arguments = [
      "--save-strategy", "steps", "--save-steps", "1", "--lr-scheduler-type", "constant",
      "--resume-from-checkpoint",
      "latest",
    ]
    try run.trained("run", arguments + ["--max-steps", "3"])
    let good = try run.weights("run/checkpoint-3")
    let result = try run.train("run", arguments + ["--max-steps", "9", "--learning-rate", "1e30"])
    #expect(result.status == 2 && result.errors.contains("step "), "\(result.errors)")
    #expect(
      result.errors.contains("good checkpoint is \(run.url("run/checkpoint-3").path)"), "\(result.errors)")
    #expect(try run.weights("run/checkpoint-3") == good)
    try run.trained(
      "run",
      arguments + ["--max-steps", "4", "--overwrite-output-dir"]
        + ["--resume-from-checkpoint", run.url("run/checkpoint-3").path])
  }

  /// One encoding for all captions of an image: the same losses as one for each.
  @Test func groupingKeepsTheLosses() throws {
    let run = try TrainRun(scenes: 12)
    let arguments = ["--num-train-epochs", "2", "--no-shuffle"]
    try run.trained("grouped", arguments)
    try run.trained("single", arguments + ["--no-group-captions"])
    let (grouped, single) = (try run.state("grouped").losses, try run.state("single").losses)
    #expect(grouped.count == 12 && single.count == 12)
    for (a, b) in zip(grouped, single) { #expect(abs(a - b) <= 1e-4 * b, "\(a) \(b)") }
  }

  /// Gradient checkpointing changes memory and time, not what is learned.
  @Test func recomputationKeepsTheLosses() throws {
    let run = try TrainRun(scenes: 12, dropout: 0.1)
    try run.trained("kept", ["--max-steps", "6"])
    try run.trained("recomputed", ["--max-steps", "6", "--gradient-checkpointing"])
    let (kept, recomputed) = (try run.state("kept").losses, try run.state("recomputed").losses)
    for (a, b) in zip(kept, recomputed) { #expect(abs(a - b) <= 1e-4 * b, "\(a) \(b)") }
    #expect(kept.count == 6)
  }

  /// A decoder that is frozen keeps its weights, an encoder that isn't changes.
  @Test func frozenPartsStay() throws {
    let run = try TrainRun(scenes: 4)
    for part in ["encoder", "decoder"] {
      try run.trained(part, ["--max-steps", "2", "--freeze-\(part)"])
      let (before, after) = (try tensors(run, "model"), try tensors(run, part))
      for (name, value) in before {
        #expect((after[name] == value) == name.hasPrefix("\(part)."), "\(name)")
      }
    }
  }

  /// The bytes of each tensor of a checkpoint, by name; biases that begin at zero and tensors without a gradient
  /// aside.
  private func tensors(_ run: TrainRun, _ path: String) throws -> [String: Data] {
    let file = try run.weights(path)
    let length = Int(
      file.prefix(8).enumerated().reduce(UInt64(0)) { $0 | UInt64($1.element) << (8 * $1.offset) })
    let header = try #require(
      JSONSerialization.jsonObject(with: file.subdata(in: 8..<8 + length)) as? [String: [String: Any]])
    return try header.filter { $0.key.hasSuffix("weight") }.mapValues { entry in
      let range = try #require(entry["data_offsets"] as? [Int])
      return file.subdata(in: 8 + length + range[0]..<8 + length + range[1])
    }
  }
}
