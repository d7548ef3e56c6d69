import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteTestSupport
import Testing
import VignetteTrainer

@Suite struct TrainerStateTests {
  @Test(arguments: ["trainer_state.json", "new_trainer_state.json"])
  func whatTransformersWroteIsWrittenBackByteForByte(_ name: String) throws {
    let folder = try TemporaryFolder()
    let written = folder.url.appendingPathComponent(name)
    try TrainerState(contentsOf: Fixture.url("reports/\(name)")).write(to: written)
    #expect(try Data(contentsOf: written) == Fixture.data("reports/\(name)"))
  }

  @Test func entriesMadeHereAreThoseOfTransformers() throws {
    let state = try TrainerState(contentsOf: Fixture.url("reports/trainer_state.json"))
    let training = LogEntry.training(
      loss: 10.312999725341797, gradientNorm: 7.254631519317627, learningRate: 5e-5, epoch: 0.5, step: 10)
    let evaluation = LogEntry.evaluation(
      loss: 2.0625,
      metrics: [
        ("rouge1", 23.1542), ("rouge2", 4), ("rougeL", 21.0001), ("rougeLsum", 21.0203), ("gen_len", 11.2955),
      ], speed: Speed(runtime: 12.34568, samples: 100, steps: 25), epoch: 1, step: 20)
    let end = LogEntry.end(
      loss: 5, totalFlos: 1.25e15, speed: Speed(runtime: 100.12349, samples: 240, steps: 60), epoch: 1.5,
      step: 30)
    #expect(sorted(training) == sorted(state.logHistory[0]))
    #expect(sorted(evaluation) == sorted(state.logHistory[2]))
    #expect(sorted(end) == sorted(try #require(state.logHistory.last)))
    #expect(
      training.values.keys == ["loss", "grad_norm", "learning_rate", "epoch", "step"])
  }

  @Test func stateOfCallbacks() throws {
    var state = try TrainerState(contentsOf: Fixture.url("reports/trainer_state.json"))
    #expect(
      try state.earlyStopping() == EarlyStoppingState(patience: 3, threshold: 0.01, patienceCounter: 2))

    let before = state
    state.setEarlyStopping(EarlyStoppingState(patience: 3, threshold: 0.01, patienceCounter: 2))
    #expect(text(state.statefulCallbacks) == text(before.statefulCallbacks))

    state.setEarlyStopping(nil)
    #expect(try state.earlyStopping() == nil)
  }

  @Test(arguments: [
    (#"{"global_step": -1}"#, "global_step"),
    (#"{"max_steps": 1e300}"#, "max_steps"),
    (#"{"log_history": [[]]}"#, "log_history[0]"),
    (#"{"epoch": "three"}"#, "epoch"),
    (#"{"best_metric": []}"#, "best_metric"),
  ])
  func aWrongValueIsNamed(_ json: String, _ key: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(json.utf8), to: "trainer_state.json")
    let error = #expect(throws: JSONError.self) { try TrainerState(contentsOf: file) }
    #expect(error.map { "\($0)".contains(key) && "\($0)".contains(file.path) } == true)
  }

  @Test func aFileOfAnOlderVersionLacksKeys() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      Data(#"{"epoch": 2, "global_step": 7.0, "log_history": []}"#.utf8), to: "trainer_state.json")
    var expected = TrainerState()
    expected.epoch = 2
    expected.globalStep = 7
    #expect(try TrainerState(contentsOf: file) == expected)
  }

  private func sorted(_ entry: LogEntry) -> String { text(entry.values) }

  private func text(_ object: JSONObject) -> String { JSONValue.object(object).text(.config) }
}
