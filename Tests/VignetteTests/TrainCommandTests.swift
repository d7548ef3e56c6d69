import Foundation
import VignetteTestSupport
import Testing

/// Whole runs of `vignette init` and `vignette train` on drawn scenes.
@Suite(.serialized) struct TrainCommandTests {
  static let steps = 24

  /// A drawn data set and a small model.
  static func prepare() throws -> TemporaryFolder { try TrainRun().folder }

  static func arguments(_ folder: URL, output: String) -> [String] {
    [
      "train", "--model", folder.appendingPathComponent("model").path, "--dataset", "coco", "--data-dir",
      folder.appendingPathComponent("scenes").path, "--output", folder.appendingPathComponent(output).path,
      "--max-steps", "\(steps)", "--per-device-train-batch-size", "10", "--gradient-accumulation-steps", "2",
      "--learning-rate", "1e-3", "--eval-strategy", "no", "--save-strategy", "steps", "--save-steps", "2",
      "--logging-steps", "1", "--save-total-limit", "3", "--threads", "2",
    ]
  }

  static func weights(_ folder: URL, _ output: String) throws -> Data {
    try Data(contentsOf: folder.appendingPathComponent(output).appendingPathComponent("model.safetensors"))
  }

  static func losses(_ folder: URL, _ output: String) throws -> [Double] {
    struct State: Decodable {
      struct Entry: Decodable { let loss: Double? }
      let logHistory: [Entry]
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let url = folder.appendingPathComponent(output).appendingPathComponent("trainer_state.json")
    return try decoder.decode(State.self, from: Data(contentsOf: url)).logHistory.compactMap(\.loss)
  }

  /// A run that is killed again and again, dropout and all, ends with the weights of one that never was.
  @Test func killedEqualsNotKilled() throws {
    let folder = try TrainRun(dropout: 0.1).folder
    let started = Date()
    let whole = try Command.run(Self.arguments(folder.url, output: "whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    var duration = -started.timeIntervalSinceNow

    var delays = SystemRandomNumberGenerator()
    let resumed = Self.arguments(folder.url, output: "killed") + ["--resume-from-checkpoint", "latest"]
    var (kills, runs) = (0, 0)
    while kills < 10, runs < 60 {
      runs += 1
      let process = Command.process(resumed)
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      Thread.sleep(forTimeInterval: Double.random(in: 0...0.4 * duration, using: &delays))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      // The first run may have been slower, beside other tests.
      if process.terminationReason == .uncaughtSignal { kills += 1 } else { duration /= 2 }
    }
    #expect(kills == 10)
    let last = try Command.run(resumed)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try Self.weights(folder.url, "killed") == Self.weights(folder.url, "whole"))
    #expect(try Self.losses(folder.url, "killed") == Self.losses(folder.url, "whole"))
    #expect(try Self.losses(folder.url, "whole").count == Self.steps)
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("killed").path)
    #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
    #expect(left.count { $0.hasPrefix("checkpoint-") } == 3)
  }

  /// The report shows every evaluation's captions and the whole curves, whenever the run was killed.
  @Test func theReportOfAKilledRunIsWhole() throws {
    let folder = try Self.prepare()
    func arguments(_ output: String) -> [String] {
      Self.arguments(folder.url, output: "\(output)/run") + [
        "--eval-strategy", "steps", "--eval-steps", "6", "--save-steps", "6", "--max-steps", "24",
        "--generation-max-length", "12", "--resume-from-checkpoint", "latest",
      ]
    }
    func page(_ output: String) throws -> String {
      let url = folder.url.appendingPathComponent("\(output)/run/training-report.html")
      return try String(contentsOf: url, encoding: .utf8).replacing(/<dt>Time<\/dt><dd>[^<]*/, with: "")
    }
    let whole = try Command.run(arguments("whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    for step in [6, 18] {
      let process = Command.process(arguments("killed"))
      process.standardError = FileHandle.nullDevice
      try process.run()
      let checkpoint = folder.url.appendingPathComponent("killed/run/checkpoint-\(step)").path
      while process.isRunning, !FileManager.default.fileExists(atPath: checkpoint) {
        Thread.sleep(forTimeInterval: 0.002)
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let last = try Command.run(arguments("killed"))
    #expect(last.status == 0, "\(last.errors)")
    let killed = try page("killed")
    #expect(try killed == page("whole"))
    let watched = try String(
      contentsOf: folder.url.appendingPathComponent("killed/run/checkpoint-24/validation_captions.json"),
      encoding: .utf8)
    // Six images, and of each the caption of every evaluation.
    for step in [6, 12, 18, 24] { #expect(watched.ranges(of: "\"step\" : \(step),").count == 6) }
    #expect(killed.contains("<h3>Loss</h3>") && killed.contains("<h3>BLEU</h3>"))
  }

  /// A checkpoint that doesn't fit on the disk is a clear error; the ones before stay whole, and the run goes on
  /// from them when there is room again.
  @Test func aFullDiskLosesNothing() throws {
    let folder = try Self.prepare()
    func arguments(_ output: String) -> [String] {
      Self.arguments(folder.url, output: output) + ["--lr-scheduler-type", "constant"]
    }
    let whole = try Command.run(arguments("whole"))
    #expect(whole.status == 0, "\(whole.errors)")
    let start = try Command.run(arguments("full") + ["--max-steps", "4"])
    #expect(start.status == 0, "\(start.errors)")
    let resumed = arguments("full") + ["--resume-from-checkpoint", "latest"]
    // The weights are 5.6 MB and fit; the optimiser's state is twice as large.
    let full = try Command.run(resumed, fileSizeLimit: 8 << 20)
    #expect(full.status == 2 && full.errors.contains("checkpoint-6"), "\(full.status) \(full.errors)")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("full").path)
    #expect(left.filter { $0.hasPrefix("checkpoint-") }.sorted() == ["checkpoint-2", "checkpoint-4"])
    #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
    let last = try Command.run(resumed)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try Self.weights(folder.url, "full") == Self.weights(folder.url, "whole"))
  }

  /// What a kill during the final writing leaves behind is cleared by the next run, and nothing else is.
  @Test func leftoversOfAnyFileAreCleared() throws {
    let folder = try Self.prepare()
    let planted = [
      ".model.safetensors.0A1B2C3D.partial", ".trainer_state.json.0A1B2C3D.partial", "notes.partial",
    ]
    for name in planted { try folder.write(Data("half".utf8), to: "run/\(name)") }
    let run = try Command.run(Self.arguments(folder.url, output: "run") + ["--max-steps", "2"])
    #expect(run.status == 0, "\(run.errors)")
    let left = try FileManager.default.contentsOfDirectory(
      atPath: folder.url.appendingPathComponent("run").path)
    #expect(left.filter { $0.hasSuffix(".partial") } == ["notes.partial"])
  }

  @Test func trainingLearnsAndItsResultCaptions() throws {
    let folder = try Self.prepare()
    let output = folder.url.appendingPathComponent("run").path
    var arguments = Self.arguments(folder.url, output: "run")
    for (index, argument) in arguments.enumerated() where argument == "no" { arguments[index] = "epoch" }
    arguments += ["--max-steps", "60", "--generation-max-length", "20", "--save-total-limit", "1"]
    let run = try Command.run(arguments)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Validation"))
    #expect(run.errors.contains("CIDEr"))
    let losses = try Self.losses(folder.url, "run")
    let (first, last) = (losses.prefix(5).reduce(0, +), losses.suffix(5).reduce(0, +))
    #expect(last < 0.7 * first)
    let images = folder.url.appendingPathComponent("scenes/val2017").path
    let captions = try Command.run(["caption", "--model", output, "--max-length", "16", images])
    #expect(captions.status == 0)
    #expect(captions.output.split(separator: "\n").count == 6)
    let scores = try Command.run([
      "evaluate", "--model", output, "--dataset", "coco", "--data-dir",
      folder.url.appendingPathComponent("scenes").path,
      "--max-length", "16", "--format", "json",
    ])
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(scores.output.utf8)) as? [String: Double])
    #expect(object["CIDEr"] != nil, "\(scores.errors)")
    #expect(object["scenes_right"] != nil)
    #expect((2...100).contains(object["rouge1"] ?? 0) && (0...1).contains(object["Bleu_1"] ?? 2), "\(object)")
  }

  /// A loss that is no number stops the run; what was saved before stays.
  @Test func divergenceStops() throws {
    let folder = try Self.prepare()
    let run = try Command.run(Self.arguments(folder.url, output: "run") + ["--learning-rate", "1e30"])
    #expect(run.status == 2)
    #expect(run.errors.contains("step ") && run.errors.contains("--learning-rate"), "\(run.errors)")
  }

  @Test func badImagesAreLeftOutAndNamed() throws {
    let folder = try Self.prepare()
    let images = folder.url.appendingPathComponent("scenes/train2017")
    let names = try FileManager.default.contentsOfDirectory(atPath: images.path).sorted()
    try Data("broken".utf8).write(to: images.appendingPathComponent(names[3]))
    try FileManager.default.removeItem(at: images.appendingPathComponent(names[7]))
    let run = try Command.run(Self.arguments(folder.url, output: "run"))
    #expect(run.status == 3, "\(run.errors)")
    let skipped = try String(
      contentsOf: folder.url.appendingPathComponent("run/skipped.jsonl"), encoding: .utf8)
    #expect(
      skipped.contains(names[3]) && skipped.contains(names[7]) && skipped.split(separator: "\n").count == 2)
    let strict = try Command.run(Self.arguments(folder.url, output: "strict") + ["--no-check-images"])
    #expect(strict.status == 2 && strict.errors.contains(names[7]), "\(strict.errors)")
  }

  @Test func configurationFilesAreRead() throws {
    let folder = try Self.prepare()
    let good = try folder.write(Data("learning_rate: 2e-3\nmax-steps: 3\nseed: 7\n".utf8), to: "train.yaml")
    let arguments = Self.arguments(folder.url, output: "run").filter {
      $0 != "--max-steps" && $0 != "\(Self.steps)"
    }
    let run = try Command.run(arguments + ["--config", good.path])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try Self.losses(folder.url, "run").count == 3)
    let bad = try folder.write(Data("learning_rat: 1\n".utf8), to: "bad.yaml")
    let refused = try Command.run(arguments + ["--config", bad.path])
    #expect(refused.status == 2 && refused.errors.contains("learning_rat"))
  }

  /// Captions are cut where the decoder's positions end.
  @Test func captionsLongerThanTheDecoder() throws {
    let folder = try TemporaryFolder()
    let words = Array(repeating: "a red tent", count: 20).joined(separator: " ")
    for split in ["train", "validation"] {
      for name in ["a", "b"] {
        try folder.write(Fixture.data("models/vit-gpt2/scene.png"), to: "\(split)/\(name).png")
      }
      let rows = ["a", "b"].map { #"{"file_name": "\#($0).png", "caption": "\#(words)"}"# }
      try folder.write(Data(rows.joined(separator: "\n").utf8), to: "\(split)/metadata.jsonl")
    }
    for decoder in PretrainedDecoder.withHead {
      let (model, output) = (
        "\(folder.url.path)/model-\(decoder.folder)", "\(folder.url.path)/\(decoder.folder)"
      )
      let made = try Command.run([
        "init", "--encoder", Fixture.url("pretrained/vit").path, "--decoder",
        Fixture.url("pretrained/\(decoder.folder)").path, "--output", model,
      ])
      #expect(made.status == 0, "\(made.errors)")
      let run = try Command.run([
        "train", "--model", model, "--dataset", "imagefolder", "--data-dir", folder.url.path, "--output",
        output, "--max-steps", "1", "--report-to", "none", "--pad-to-max-length",
      ])
      #expect(run.status == 0 && run.errors.contains("trained"), "\(decoder.folder): \(run.errors)")
    }
  }

  /// A reader of the log that goes away doesn't end the run.
  @Test func aClosedPipeIsSurvived() throws {
    let folder = try Self.prepare()
    let process = Command.process(Self.arguments(folder.url, output: "run") + ["--max-steps", "2"])
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    try pipe.fileHandleForReading.close()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    #expect(try Self.losses(folder.url, "run").count == 2)
  }

  /// A fault doesn't end a run without a word.
  @Test(arguments: [(SIGILL, "please report"), (SIGBUS, "shortened while it was in use")])
  func faultsAreTold(number: CInt, words: String) throws {
    let folder = try Self.prepare()
    let process = Command.process(
      Self.arguments(folder.url, output: "run") + ["--max-steps", "1000", "--save-steps", "1000"])
    // Backtraces, which the test runner switches on, would come instead.
    process.environment?["SWIFT_BACKTRACE"] = "enable=no"
    let pipe = Pipe()
    process.standardError = pipe
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // The first words of the run: by then it is under way.
    let begun = pipe.fileHandleForReading.availableData
    #expect(String(decoding: begun, as: UTF8.self).contains("training on"))
    kill(process.processIdentifier, number)
    let rest = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(rest.contains(words) && process.terminationReason == .uncaughtSignal, "\(rest)")
    #expect(process.terminationStatus == number)
  }
}
