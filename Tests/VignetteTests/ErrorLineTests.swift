import Foundation
import VignetteTestSupport
import Testing

/// What goes wrong with files is told in a plain line.
@Suite(.serialized) struct ErrorLineTests {
  private static let data = ["--dataset", "coco", "--data-dir", "/nowhere"]

  @Test(arguments: [
    (
      ["train", "--config", "/nowhere/train.yaml"],
      "can't open /nowhere/train.yaml: No such file or directory; is the name right?"
    ),
    (
      [
        "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
        "/nowhere/captions.txt", "--output", "FOLDER/model",
      ], "can't open /nowhere/captions.txt: No such file or directory; is the name right?"
    ),
    (
      ["train", "--model", CommandTests.model, "--output", "FOLDER/file/run"] + data,
      "can't create the folder FOLDER/file/run: Not a directory; a file is in the way: give another path"
    ),
    (
      ["dataset", "demo", "--output", "FOLDER/file", "--train-scenes", "2", "--validation-scenes", "2"],
      "can't create the folder FOLDER/file/train2017: Not a directory; a file is in the way: give another path"
    ),
    (
      ["init", "--encoder", vit, "--decoder", gpt2, "--output", "FOLDER/file/model"],
      "can't create the folder FOLDER/file/model: Not a directory"
    ),
    (
      ["evaluate", "--predictions", "/nowhere.json", "--references", "FOLDER/file"],
      "FOLDER/file"
    ),
  ])
  func oneLineSaysWhereAndWhat(arguments: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("plain".utf8), to: "file")
    func placed(_ text: String) -> String { text.replacing("FOLDER", with: folder.url.path) }
    let run = try Command.run(arguments.map(placed))
    #expect(run.status == 2 && run.output == "")
    #expect(run.errors.hasPrefix("vignette: ") && run.errors.contains(placed(expected)), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1 && !run.errors.contains("Domain="), "\(run.errors)")
  }

  private static let vit = Fixture.url("pretrained/vit").path
  private static let gpt2 = Fixture.url("pretrained/gpt2").path

  @Test func aFullDiskSaysHowToGoOn() throws {
    let folder = try TrainCommandTests.prepare()
    let run = try Command.run(TrainCommandTests.arguments(folder.url, output: "run"), fileSizeLimit: 8 << 20)
    #expect(run.status == 2)
    let line = run.errors.split(separator: "\n").last ?? ""
    #expect(line.hasPrefix("vignette: can't write ") && line.contains("checkpoint-2"), "\(line)")
    #expect(
      line.hasSuffix(
        "; raise the limit on the size of files (ulimit -f), then go on with --resume-from-checkpoint latest"),
      "\(line)")
  }

  /// A shell's limit comes with a signal, which ends a program that doesn't see to it.
  @Test(arguments: [
    ["init", "--encoder", vit, "--decoder", gpt2],
    ["dataset", "demo", "--train-scenes", "20", "--validation-scenes", "2"],
  ])
  func filesThatMayNotGrowAreTold(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appendingPathComponent("output").path
    let run = try Command.run(arguments + ["--output", output], fileSizeLimit: 512)
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("vignette: can't write \(output)/"), "\(run.errors)")
    #expect(
      run.errors.hasSuffix(
        ": File too large; raise the limit on the size of files (ulimit -f), then run it again\n"),
      "\(run.errors)")
  }

  /// An error of Foundation's own, should one come through.
  @Test func foundationsErrorsArePlain() throws {
    let folder = try TrainCommandTests.prepare()
    try folder.write(Data("plain".utf8), to: "file")
    let cache = folder.url.appendingPathComponent("file/cache").path
    let run = try Command.run(
      TrainCommandTests.arguments(folder.url, output: "run") + ["--freeze-encoder", "--feature-cache", cache])
    #expect(run.status == 2 && !run.errors.contains("Domain="))
    #expect(
      run.errors.contains("can't create the folder \(cache)/")
        && run.errors.contains(": Not a directory; a file is in the way"), "\(run.errors)")
  }
}
