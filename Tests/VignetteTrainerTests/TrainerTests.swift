import Foundation
import Testing
import Vignette
import VignetteDatasets
import VignetteEvaluation
import VignetteFiles
import VignetteTestSupport
import VignetteTrainer

/// A trainer in a program: what it measures, keeps, refuses and goes on from.
@ComputeThread @Suite(.serialized) struct TrainerTests {
  nonisolated static let model = Fixture.url("models/vit-gpt2")

  /// A data set of images of their own, and a folder for runs on them.
  struct Setting {
    let folder: TemporaryFolder
    let data: CaptionDataset

    init(images count: Int = 6) throws {
      folder = try TemporaryFolder()
      let scene = try Data(contentsOf: TrainerTests.model.appendingPathComponent("scene.png"))
      let folder = folder
      data = CaptionDataset(
        images: try (0..<count).map { number in
          let file = try folder.write(scene, to: "images/\(number).png")
          return CaptionedImage(
            id: ImageID(number), fileName: file.lastPathComponent, path: file.path,
            captions: [ReferenceCaption(id: number, text: "the ir \(number)")])
        })
    }

    func url(_ path: String) -> URL { folder.url.appendingPathComponent(path) }

    @ComputeThread func trainer(
      _ output: String = "run", steps: Int, evaluation: CaptionDataset? = nil,
      callbacks: [any TrainerCallback] = [], _ change: (inout TrainingArguments) -> Void = { _ in }
    ) throws -> Trainer {
      var arguments = TrainingArguments()
      arguments.maxSteps = steps
      arguments.perDeviceTrainBatchSize = 2
      arguments.learningRate = 1e-2
      arguments.lrSchedulerType = .constant
      arguments.evalStrategy = .no
      arguments.saveStrategy = .steps
      arguments.saveSteps = 2
      arguments.loggingSteps = 1
      arguments.dataloaderNumWorkers = 0
      arguments.generationMaxLength = 8
      change(&arguments)
      return try Trainer(
        modelAt: TrainerTests.model, training: data, evaluation: evaluation, output: url(output),
        arguments: arguments, callbacks: callbacks)
    }

    func weights(_ path: String) throws -> Data {
      try Data(contentsOf: url("\(path)/model.safetensors"))
    }

    /// Cuts a file of a checkpoint short.
    func damage(_ path: String) throws {
      let bytes = try Data(contentsOf: url(path))
      try bytes.prefix(bytes.count / 2).write(to: url(path))
    }
  }

  /// What a run tells its callbacks.
  final class Witness: TrainerCallback {
    var losses: [Double] = []
    var records: [EvaluationRecord] = []
    var afterStep: (Int) -> Void = { _ in }
    var duringEvaluation: (Int) -> Void = { _ in }

    func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int) {
      losses.append(loss)
      afterStep(state.globalStep)
    }

    func evaluating(done: Int, of total: Int) { duringEvaluation(done) }

    func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) { records.append(record) }
  }

  /// Evaluating is what an evaluator does with the trainer's parts, and it is logged.
  @Test func evaluatesWhenAsked() async throws {
    let setting = try Setting()
    let witness = Witness()
    let trainer = try setting.trainer(steps: 2, evaluation: setting.data, callbacks: [witness]) {
      $0.perDeviceEvalBatchSize = 4
    }
    let before = try await trainer.evaluate()
    try await trainer.run()
    let after = try await trainer.evaluate()
    #expect(after.loss < before.loss && after.captions.count == 6)
    #expect(witness.records.map(\.step) == [0, 2] && witness.records.last?.validationLoss == after.loss)
    #expect(trainer.state.logHistory.filter(\.isEvaluation).count == 2)
    var options = EvaluationOptions()
    options.batchSize = 4
    options.generation = GenerationOptions(maxLength: 8)
    let alone = try await Evaluator(trainer.parts, setting.data, options: options).run()
    #expect(alone.loss == after.loss && alone.captions == after.captions && alone.metrics == after.metrics)
    await #expect(throws: TrainingError.self) { try await setting.trainer("other", steps: 2).evaluate() }
  }

  /// `latest` skips a checkpoint whose files aren't whole, and the run ends as if it had not been interrupted.
  @Test(arguments: ["optimizer.safetensors", "model.safetensors", "trainer_state.json", "run_position.json"])
  func goesOnFromAnEarlierCheckpoint(damaged: String) async throws {
    let setting = try Setting()
    try await setting.trainer("whole", steps: 6).run()
    try await setting.trainer(steps: 4).run()
    try setting.damage("run/checkpoint-4/\(damaged)")
    let trainer = try setting.trainer(steps: 6)
    #expect(trainer.latestCheckpoint?.lastPathComponent == "checkpoint-2")
    try await trainer.run(resumingFrom: trainer.latestCheckpoint)
    #expect(try setting.weights("run/checkpoint-6") == setting.weights("whole/checkpoint-6"))
    #expect(try setting.weights("run/checkpoint-4") == setting.weights("whole/checkpoint-4"))
    // What was damaged isn't thrown away.
    #expect(FileManager.default.fileExists(atPath: setting.url("run/damaged-checkpoint-4/\(damaged)").path))
  }

  /// The same where the earlier checkpoint is named; a newer one that is whole is another matter.
  @Test func namesANewerCheckpointThatIsWhole() async throws {
    let setting = try Setting()
    try await setting.trainer(steps: 4).run()
    let earlier = setting.url("run/checkpoint-2")
    await #expect { try await setting.trainer(steps: 6).run(resumingFrom: earlier) } throws: { error in
      "\(error)".contains("checkpoint-4 is newer than checkpoint-2")
    }
    try setting.damage("run/checkpoint-4/optimizer.safetensors")
    try await setting.trainer(steps: 6).run(resumingFrom: earlier)
    #expect(try setting.weights("run/checkpoint-6").count > 0)
    // Another run's aren't put aside.
    try setting.damage("run/checkpoint-6/optimizer.safetensors")
    await #expect { try await setting.trainer(steps: 6).run() } throws: { "\($0)".contains("not this run's") }
  }

  /// Where every checkpoint is damaged, a run isn't silently begun anew.
  @Test func saysWhatIsWrongWithTheOnlyCheckpoint() async throws {
    let setting = try Setting()
    try await setting.trainer(steps: 2).run()
    try setting.damage("run/checkpoint-2/optimizer.safetensors")
    let trainer = try setting.trainer(steps: 4)
    let latest = try #require(trainer.latestCheckpoint)
    await #expect { try await trainer.run(resumingFrom: latest) } throws: {
      "\($0)".contains("optimizer.safetensors")
    }
  }

  @Test func twoRunsDoNotShareAFolder() async throws {
    let setting = try Setting()
    do {
      let first = try setting.trainer(steps: 2)
      try await first.run()
      let error = await #expect(throws: TrainingError.self) {
        try await setting.trainer(steps: 4).run(resumingFrom: first.latestCheckpoint)
      }
      let line = "\(try #require(error))"
      let process = ProcessInfo.processInfo.processIdentifier
      #expect(line.contains(setting.url("run").path) && line.contains("process \(process):"), "\(line)")
      // It may run again itself.
      try first.saveModel(to: first.output)
    }
    let next = try setting.trainer(steps: 4)
    try await next.run(resumingFrom: next.latestCheckpoint)
    #expect(next.state.globalStep == 4)
  }

  /// A share that is unmounted ends a run with a checkpoint from which it goes on when the share is there again.
  @Test(arguments: [1, 2])
  func imagesThatVanishEndTheRun(accumulation: Int) async throws {
    let setting = try Setting(images: 12)
    func trainer(_ output: String, _ callbacks: [any TrainerCallback] = []) throws -> Trainer {
      try setting.trainer(output, steps: 8, callbacks: callbacks) {
        $0.gradientAccumulationSteps = accumulation
        $0.saveSteps = 100
      }
    }
    try await trainer("whole").run()
    let (images, away) = (setting.url("images"), setting.url("away"))
    let witness = Witness()
    witness.afterStep = { step in
      if step == 3 { try? FileManager.default.moveItem(at: images, to: away) }
    }
    let stopped = try trainer("run", [witness])
    await #expect { try await stopped.run() } throws: { "\($0)".contains(images.path) }
    #expect(stopped.state.globalStep == 3)
    #expect(stopped.latestCheckpoint?.lastPathComponent == "checkpoint-3")
    try FileManager.default.moveItem(at: away, to: images)
    let checkpoint = stopped.latestCheckpoint
    let resumed = try trainer("resumed")
    try await resumed.run(resumingFrom: checkpoint)
    try resumed.saveModel(to: setting.url("result"))
    #expect(try setting.weights("result") == setting.weights("whole/checkpoint-8"))
  }

  /// The time at the end is the whole run's, not that since it went on.
  @Test func theTimeIsTheWholeRuns() async throws {
    let setting = try Setting()
    try await setting.trainer(steps: 2).run()
    let file = setting.url("run/checkpoint-2/run_position.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let later = text.replacing(/"runtime" : [-0-9.e]+/, with: "\"runtime\" : 1000")
    try #require(later != text)
    try Data(later.utf8).write(to: file)
    let trainer = try setting.trainer(steps: 4)
    try await trainer.run(resumingFrom: trainer.latestCheckpoint)
    let time = try #require(trainer.state.logHistory.last?["train_runtime"])
    #expect(time >= 1000 && time < 2000)
    // A checkpoint of an earlier version tells no time.
    let early = setting.url("run/checkpoint-4/run_position.json")
    let plain = try String(contentsOf: early, encoding: .utf8).replacing(/"runtime" : [-0-9.e]+,/, with: "")
    try Data(plain.utf8).write(to: early)
    #expect(
      try await setting.trainer("next", steps: 6).run(resumingFrom: setting.url("run/checkpoint-4")) == ())
  }

  /// Numbers in a checkpoint that no run can have written are an error, not a fault.
  @Test(arguments: [
    ("trainer_state.json", "\"global_step\": 2", "\"global_step\": -2"),
    ("trainer_state.json", "\"global_step\": 2", "\"global_step\": 9223372036854775807"),
    ("run_position.json", "\"lossCount\" : 0", "\"lossCount\" : 9223372036854775807"),
    ("run_position.json", "\"lossCount\" : 0", "\"lossCount\" : -1"),
  ])
  func numbersThatCanNotBeAreRefused(file: String, place: String, nonsense: String) async throws {
    let setting = try Setting()
    try await setting.trainer(steps: 2).run()
    let url = setting.url("run/checkpoint-2/\(file)")
    let text = try String(contentsOf: url, encoding: .utf8)
    let changed = text.replacing(place, with: nonsense)
    try #require(changed != text)
    try Data(changed.utf8).write(to: url)
    await #expect(throws: (any Error).self) {
      try await setting.trainer(steps: 4).run(resumingFrom: setting.url("run/checkpoint-2"))
    }
  }

  /// An evaluation that is broken off is repeated by the run that goes on, which ends as if nothing had happened.
  @Test func anEvaluationIsBrokenOff() async throws {
    let setting = try Setting()
    func trainer(_ output: String, _ callbacks: [any TrainerCallback] = []) throws -> Trainer {
      try setting.trainer(output, steps: 4, evaluation: setting.data, callbacks: callbacks) {
        $0.evalStrategy = .steps
        $0.evalSteps = 2
        $0.perDeviceEvalBatchSize = 2
        $0.loadBestModelAtEnd = true
      }
    }
    let whole = try trainer("whole")
    try await whole.run()
    let witness = Witness()
    witness.duringEvaluation = { done in
      if done == 1 { withUnsafeCurrentTask { $0?.cancel() } }
    }
    let stopped = try trainer("run", [witness])
    let run = Task { @ComputeThread in try await stopped.run() }
    await #expect { try await run.value } throws: { ($0 as? TrainingError)?.isStop == true }
    #expect(stopped.state.globalStep == 2 && witness.records.isEmpty)
    let resumed = try trainer("run2")
    try await resumed.run(resumingFrom: stopped.latestCheckpoint)
    func losses(_ trainer: Trainer) -> [Double?] {
      trainer.state.logHistory.map { $0["loss"] ?? $0["eval_loss"] }.dropLast()
    }
    #expect(losses(resumed) == losses(whole) && resumed.state.bestMetric == whole.state.bestMetric)
    #expect(try setting.weights("run2/checkpoint-4") == setting.weights("whole/checkpoint-4"))
  }

  /// A captioner doesn't wait for a run's end.
  @Test func captionersHaveTurnsBetweenSteps() async throws {
    let setting = try Setting()
    let witness = Witness()
    let trainer = try setting.trainer(steps: 10_000, callbacks: [witness]) { $0.saveStrategy = .no }
    let captioner = trainer.captioner()
    let run = Task { @ComputeThread in try await trainer.run() }
    while trainer.state.globalStep == 0 { await Task.yield() }
    _ = try await captioner.caption(Self.model.appendingPathComponent("scene.png"))
    run.cancel()
    await #expect { try await run.value } throws: { ($0 as? TrainingError)?.isStop == true }
    #expect(trainer.state.globalStep < 10_000)
  }
}
