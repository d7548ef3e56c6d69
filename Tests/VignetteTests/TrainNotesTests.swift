import Foundation
import VignetteTestSupport
import Testing

/// What `vignette train` says of odd data.
@Suite(.serialized) struct TrainNotesTests {
  /// Twenty images with a caption each, of which the last has an empty one besides.
  private static func prepare() throws -> TemporaryFolder {
    let folder = try TrainCommandTests.prepare()
    let image = try Fixture.data("models/vit-gpt2/scene.png")
    var rows: [String] = []
    for number in 0..<20 {
      try folder.write(image, to: "own/\(number).png")
      rows.append(#"{"file_name": "\#(number).png", "caption": "a scene"}"#)
    }
    rows.append(#"{"file_name": "19.png", "caption": "  "}"#)
    try folder.write(Data(rows.joined(separator: "\n").utf8), to: "own/metadata.jsonl")
    return folder
  }

  private static func train(_ folder: TemporaryFolder, _ options: [String]) throws -> Command.Result {
    let path = folder.url.path
    return try Command.run(
      [
        "train", "--model", "\(path)/model", "--dataset", "imagefolder", "--data-dir", "\(path)/own",
        "--output", "\(path)/run", "--max-steps", "1", "--per-device-train-batch-size", "20", "--report-to",
        "none", "--save-strategy", "no", "--generation-max-length", "4",
      ] + options)
  }

  @Test func theCutForValidationIsTold() throws {
    let run = try Self.train(Self.prepare(), [])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("training on 19 captions of 19 images\n"), "\(run.errors)")
    #expect(
      run.errors.contains("evaluating on 1 caption of 1 image, 5% of all: there is no validation split"))
    // Once, although both splits come from one file.
    #expect(run.errors.ranges(of: "  1 empty caption (dropped): caption 20 of 19.png\n").count == 1)
  }

  /// Without evaluation, all is trained on; images that were left out are counted at the end.
  @Test func imagesLeftOutAreCounted() throws {
    let folder = try Self.prepare()
    try folder.write(Data("broken".utf8), to: "own/3.png")
    let run = try Self.train(folder, ["--eval-strategy", "no"])
    #expect(run.status == 3 && run.errors.contains("training on 20 captions of 20 images\n"), "\(run.errors)")
    let list = folder.url.appendingPathComponent("run/skipped.jsonl").path
    #expect(run.errors.contains("\n1 image could not be read and was left out; see \(list)\n"))
    // The list is that of the last run.
    try folder.write(Fixture.data("models/vit-gpt2/scene.png"), to: "own/3.png")
    let again = try Self.train(folder, ["--eval-strategy", "no"])
    #expect(again.status == 0 && !again.errors.contains("left out"), "\(again.errors)")
    #expect(!FileManager.default.fileExists(atPath: list))
  }

  /// Hugging Face's own default, as a word of its own.
  @Test func noLimitOfStepsIsMinusOne() throws {
    let run = try Self.train(Self.prepare(), ["--max-steps", "-1", "--num-train-epochs", "-2"])
    #expect(run.status == 2 && run.errors == "vignette: --num-train-epochs must be positive\n")
  }
}
