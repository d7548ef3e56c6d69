import Foundation
import Testing
import VignetteTestSupport

/// What the command line says of itself, and of names that it doesn't know.
@Suite struct CommandLineTests {
  @Test(arguments: [
    (["captoin", "x.png"], "There is no command 'captoin'. Did you mean 'caption'?", "vignette"),
    (["help", "captoin"], "There is no command 'captoin'. Did you mean 'caption'?", "vignette"),
    (["help", "dataset", "dmo"], "There is no command 'dmo'. Did you mean 'demo'?", "vignette dataset"),
    (["--verison"], "Unknown option '--verison'. Did you mean '--version'?", "vignette"),
    (["dataset", "--hlep"], "Unknown option '--hlep'. Did you mean '--help'?", "vignette dataset"),
    (["dataset", "dmo"], "There is no command 'dmo'. Did you mean 'demo'?", "vignette dataset"),
    (
      ["zebra"],
      "There is no command 'zebra'. There are caption, alt, init, train, evaluate, convert, dataset, models, inspect, "
        + "remove, serve, pull, push.",
      "vignette"
    ),
    (
      ["caption", "--num-baems", "4", "x.png"], "Unknown option '--num-baems'. Did you mean '--num-beams'?",
      "vignette caption"
    ),
    (
      ["train", "--learning_rat=1"], "Unknown option '--learning_rat'. Did you mean '--learning-rate'?",
      "vignette train"
    ),
    (
      ["train", "--no-shufle"], "Unknown option '--no-shufle'. Did you mean '--no-shuffle'?", "vignette train"
    ),
  ])
  func unknownNamesSuggestTheNearest(arguments: [String], problem: String, command: String) throws {
    let run = try Command.run(arguments)
    #expect(run.status == 64 && run.output == "")
    #expect(
      run.errors == "Error: \(problem)\n  See '\(command) --help' for more information.\n", "\(run.errors)")
  }

  /// Python's underscores in the names of options, of all commands; not in values, nor behind `--`.
  @Test func underscoresAreDashes() throws {
    let folder = try TemporaryFolder()
    try folder.write(Fixture.data("models/vit-gpt2/scene.png"), to: "--a_b.png")
    let plain = try Command.run(
      [
        "caption", "--model", CommandTests.model, "--num-beams", "2", "--max-length=6", "--format", "text",
        "--", "--a_b.png",
      ], in: folder.url)
    #expect(plain.status == 0 && plain.output.hasPrefix("--a_b.png\t"), "\(plain.errors)")
    let underscored = try Command.run(
      [
        "caption", "--model", CommandTests.model, "--num_beams", "2", "--max_length=6", "--no_do_sample",
        "--format", "text",
        "--", "--a_b.png",
      ], in: folder.url)
    #expect(underscored.status == 0 && underscored.output == plain.output, "\(underscored.errors)")
    let inspected = try Command.run([
      "dataset", "inspect", "--dataset", "imagefolder", "--data_dir", "/no_where", "--no_check_images",
    ])
    #expect(inspected.status == 2 && inspected.errors.contains("/no_where"), "\(inspected.errors)")
    let unknown = try Command.run(["caption", "--num_baems", "2", "x.png"])
    #expect(
      unknown.status == 64 && unknown.errors.contains("Did you mean '--num-beams'?"), "\(unknown.errors)")
  }

  @Test func whatIsKnownIsNotBlamed() throws {
    let run = try Command.run(["caption", "--num-beams", "4", "x.png"])
    #expect(run.status == 64 && run.errors.contains("Missing expected argument '--model <model>'"))
  }

  /// Help that is lost is no success; a reader that has seen enough is no failure.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: [["--version"], ["--help"], ["train", "--help"], ["--generate-completion-script", "bash"]])
  func helpThatCantBeWritten(arguments: [String]) throws {
    let run = try Command.run(arguments, redirecting: "> /dev/full")
    #expect(run.status == 2)
    #expect(
      run.errors
        == "vignette: can't write standard output: No space left on device; make room there, then run it again\n",
      "\(run.errors)")
    let whole = try Command.run(arguments)
    #expect(whole.status == 0 && whole.output.hasSuffix("\n") && whole.errors == "")
  }

  @Test func aReaderThatHasSeenEnough() throws {
    let process = Command.process(["train", "--help"])
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try output.fileHandleForReading.close()
    try process.run()
    try output.fileHandleForWriting.close()
    #expect(errors.fileHandleForReading.readDataToEndOfFile().isEmpty)
    process.waitUntilExit()
  }

  /// Names can hold what clears a screen.
  @Test func namesDontReachTheTerminalRaw() throws {
    let folder = try TemporaryFolder()
    let name = "a\u{1B}[2J\u{7F}\u{202E}.png"
    try folder.write(Fixture.data("models/vit-gpt2/scene.png"), to: "photos/\(name)")
    try folder.write(Data("not an image".utf8), to: "photos/b\u{1B}]0;x\u{7}.png")
    let run = try Command.run(["caption", "--model", CommandTests.model, "photos"], in: folder.url)
    #expect(run.output.hasPrefix(#"photos/a\u{1B}[2J\u{7F}\u{202E}.png"# + "\t"), "\(run.output)")
    #expect(run.errors.hasPrefix(#"photos/b\u{1B}]0;x\u{7}.png: not an image"#), "\(run.errors)")
    let missing = try Command.run(["caption", "--model", "/no\u{1B}where", "x.png"])
    #expect(missing.status == 2 && missing.errors.contains(#"/no\u{1B}where"#), "\(missing.errors)")
    #expect(!missing.errors.contains("\u{1B}"))
  }

  /// Whatever can't be opened with so few files open at a time, an error says so.
  @Test(arguments: [
    ["caption", "--model", CommandTests.model, CommandTests.scene],
    ["evaluate", "--predictions", "p.json", "--references", "r.json"],
    ["dataset", "demo", "--output", "OUTPUT", "--train-scenes", "2", "--validation-scenes", "2"],
  ])
  func fewOpenFilesAreAnError(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = arguments.map { $0 == "OUTPUT" ? folder.url.appendingPathComponent("demo").path : $0 }
    for limit in [4, 8] {
      let run = try Command.run(arguments, openFileLimit: limit)
      #expect(run.status == 2 && run.errors.contains("Too many open files"), "\(run.status) \(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
  }
}
