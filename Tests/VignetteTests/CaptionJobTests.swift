import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// `vignette caption` over libraries, run as a user runs it.
@Suite struct CaptionJobTests {
  private static let options = ["caption", "--model", CommandTests.model, "--max-length", "5"]

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let scene = try Fixture.data("models/vit-gpt2/scene.png")
    try folder.write(scene, to: "photos/a.png")
    try folder.write(scene, to: "photos/b/c.png")
    try folder.write(try Fixture.data("../Examples/Images/cat.jpg"), to: "photos/cat.jpg")
    return folder
  }

  private static func run(_ arguments: [String], _ folder: TemporaryFolder) throws -> Command.Result {
    try Command.run(options + arguments, in: folder.url)
  }

  private static func text(_ folder: TemporaryFolder, _ name: String) throws -> String {
    String(decoding: try FileSystem.data(folder.url.appendingPathComponent(name)), as: UTF8.self)
  }

  @Test func aLibraryIsCaptionedAndGoneOnWith() throws {
    let folder = try Self.folder()
    try folder.write(Data("no image".utf8), to: "photos/bad.jpg")
    let arguments = ["./photos/", "--output", "captions.jsonl"]
    let run = try Self.run(arguments, folder)
    #expect(run.status == 1 && run.output == "", "\(run)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].hasPrefix("photos/bad.jpg: not an image"), "\(run.errors)")
    #expect(
      lines[1].hasPrefix("captioned 2 of 4 images (1 written down from what was known, 1 failed"),
      "\(run.errors)")
    let rows = try Self.text(folder, "captions.jsonl")
    #expect(rows.split(separator: "\n").count == 4)
    #expect(rows.contains(#"{"file": "photos/a.png", "caption": "iriririr", "score": "#), "\(rows)")

    let again = try Self.run(arguments, folder)
    #expect(
      again.errors == "captioned 0 of 4 images (3 as they were, 1 failed before)\n" && again.status == 1)
    #expect(try Self.text(folder, "captions.jsonl") == rows)
    try FileSystem.remove(folder.url.appendingPathComponent("photos/bad.jpg"))
    #expect(try Self.run(arguments, folder).status == 0)
  }

  @Test func linesOfAPart() throws {
    let folder = try Self.folder()
    let list = try Command.run(
      Self.options + ["--files-from", "-", "--null", "--exclude", "b"], input: Data("photos\0".utf8),
      in: folder.url)
    #expect(
      list.status == 0 && list.output.hasPrefix("photos/a.png\tiriririr\nphotos/cat.jpg\t"), "\(list)")
    var names: [Substring] = []
    for part in 1...2 {
      let run = try Self.run(["photos", "--shard", "\(part)/2", "--format", "csv", "--threads", "1"], folder)
      names += run.output.split(separator: "\n").dropFirst().compactMap { $0.split(separator: ",").first }
    }
    #expect(names.sorted() == ["photos/a.png", "photos/b/c.png", "photos/cat.jpg"])
  }

  @Test(arguments: [
    (
      ["--output", "x.jsonl", "--format", "csv"], "x.jsonl",
      "file,caption,score,error,alternatives\nphotos/a.png,iriririr,"
    ),
    (
      ["--output", "photos/metadata.jsonl"], "photos/metadata.jsonl",
      #"{"file_name": "a.png", "text": "iriririr"}"#
    ),
    (["--output", "x.json"], "x.json", "[\n{\"image_id\": \"a\", \"caption\": \"iriririr\", "),
    (
      ["--output", "x.json", "--format", "kohya"], "x.json",
      "{\n  \"photos/a.png\": {\"caption\": \"iriririr\"},\n"
    ),
  ])
  func formats(arguments: [String], name: String, start: String) throws {
    let folder = try Self.folder()
    let run = try Self.run(["photos"] + arguments, folder)
    #expect(run.status == 0, "\(run)")
    let text = try Self.text(folder, name)
    #expect(text.hasPrefix(start), "\(text)")
  }

  @Test func archives() throws {
    let folder = try Self.folder()
    #expect(try Self.run(["photos", "--output", "x.tar"], folder).status == 0)
    let run = try Self.run(["x-000000.tar", "--output", "-", "--suffix", "."], folder)
    #expect(
      run.output.hasPrefix(#"{"file": "x-000000.tar/000000000.png", "caption": "iriririr.", "#), "\(run)")
    #expect(run.output.split(separator: "\n").count == 3 && run.status == 0)
  }

  @Test func texts() throws {
    let rules = ["--prefix", "photo: ", "--strip", "iriririri", "--sentence-case", "--max-characters", "9"]
    let run = try Command.run(Self.options + rules + [CommandTests.scene])
    #expect(run.output == "Photo: ir\n" && run.status == 0, "\(run)")
    let banned = try Command.run(Self.options + ["--banned-words", "ir", CommandTests.scene])
    #expect(
      banned.status == 0 && banned.output != "iriririr\n" && !banned.output.contains("ir"), "\(banned)")
  }

  @Test func lowScoresGoToTheReview() throws {
    let folder = try Self.folder()
    let run = try Self.run(
      ["photos", "--output", "x.jsonl", "--min-score", "0", "--review", "review.csv"], folder)
    #expect(run.status == 0 && run.errors.contains("3 for review"), "\(run)")
    #expect(try Self.text(folder, "x.jsonl") == "")
    #expect(try Self.text(folder, "review.csv").split(separator: "\n").count == 4)
  }

  /// Of an archive that is cut off, what comes before is captioned; a sidecar that isn't XML stays as it is. Both are told.
  @Test func damagedFilesOfOthers() throws {
    let folder = try Self.folder()
    #expect(try Self.run(["photos", "--output", "x.tar"], folder).status == 0)
    let tar = folder.url.appendingPathComponent("x-000000.tar")
    try FileSystem.data(tar).dropLast(20_000).write(to: tar)
    let run = try Self.run(["x-000000.tar", "--output", "y.jsonl"], folder)
    #expect(run.status == 1 && run.errors.contains("x-000000.tar: is cut off: "), "\(run)")
    #expect(try Self.text(folder, "y.jsonl").split(separator: "\n").count == 2)

    try folder.write(Data("no <XML".utf8), to: "photos/a.png.xmp")
    let sidecars = try Self.run(["photos", "--sidecar", "xmp"], folder)
    #expect(
      sidecars.status == 1
        && sidecars.errors.contains("photos/a.png.xmp: its XMP is not well-formed XML: line 1")
        && sidecars.errors.contains("1 not written everywhere"), "\(sidecars)")
    #expect(try Self.text(folder, "photos/a.png.xmp") == "no <XML")
    #expect(try Self.text(folder, "photos/b/c.png.xmp").contains("iriririr"))
  }

  /// Nothing is loaded or read before the place for the captions is known to be one.
  @Test(arguments: [
    (["--output", "nowhere/x.jsonl"], 2, "can't write nowhere/x.jsonl: No such file"),
    (["--output", "nowhere/x.json"], 2, "can't write nowhere/x.json: No such file"),
    (["--output", "nowhere/x.tar"], 2, "can't write nowhere/x.tar: No such file"),
    (["--output", "photos"], 64, "--format"),
    (["--output", "photos", "--format", "jsonl"], 2, "photos"), (["--output", "x.doc"], 64, "x.doc"),
    (["--output", "photos/cat.jpg", "--format", "jsonl"], 2, "cat.jpg"),
    (["--output", "/dev/full", "--format", "jsonl"], 2, "/dev"), (["--format", "coco"], 64, "--output"),
    (["--existing", "append"], 64, "--output"), (["--min-score", "1"], 64, "--review"),
    (["--shard", "3/2"], 64, "--shard"),
    (["--max-characters", "0"], 64, "--max-characters"),
    (["--output", "x.jsonl", "-"], 64, "standard input"),
    (["--files-from", "nowhere"], 2, "nowhere"), (["--null"], 64, "--files-from"),
  ])
  func whatCannotBe(arguments: [String], status: Int32, problem: String) throws {
    let folder = try Self.folder()
    let run = try Self.run(["photos"] + arguments, folder)
    #expect(run.status == status && run.errors.contains(problem) && run.output == "", "\(run)")
    #expect(run.errors.split(separator: "\n").count == 1 || status == 64, "\(run.errors)")
    let cat = try FileSystem.data(folder.url.appendingPathComponent("photos/cat.jpg"))
    #expect(cat == (try Fixture.data("../Examples/Images/cat.jpg")))
  }

  /// A disk that is full in the middle of a job is an error with its file's name; with room again, the job goes on.
  @Test func aFullDisk() throws {
    let folder = try Self.folder()
    for number in 0..<30 {
      try AtomicFile.write(
        Array(try Fixture.data("models/vit-gpt2/scene.png")) + Array("\(number)".utf8),
        to: folder.url.appendingPathComponent("photos/\(String(repeating: "n", count: 200))\(number).png"))
    }
    let arguments = ["photos", "--output", "x.jsonl", "--batch-size", "4"]
    let full = try Command.run(
      script:
        "ulimit -f 16; \"$V\" \(Self.options.joined(separator: " ")) \(arguments.joined(separator: " "))",
      in: folder.url, variables: [:])
    #expect(full.status == 2 && full.errors.contains("x.jsonl"), "\(full)")
    // Its lines are whole, and it is what the message is about.
    let written = try Self.text(folder, "x.jsonl")
    #expect(written.isEmpty || written.hasSuffix("}\n"), "\(written.suffix(200))")
    #expect(!full.errors.contains(".job"), "\(full.errors)")
    let run = try Self.run(arguments, folder)
    #expect(run.status == 0, "\(run)")
    #expect(try Self.text(folder, "x.jsonl").split(separator: "\n").count == 33)
  }

  #if os(Linux)
    /// Names that hold line ends, and bytes that are no text.
    @Test func oddNames() throws {
      let folder = try TemporaryFolder()
      let scene = Array(try Fixture.data("models/vit-gpt2/scene.png"))
      try FolderMaker.make(folder.url.appendingPathComponent("photos"))
      let names = ["a\nb.png", FileName.string([0xE9, 0x2E, 0x70, 0x6E, 0x67]), "\u{1B}[31m.png"]
      for name in names {
        try AtomicFile.write(scene, to: folder.url.appendingPathComponent("photos/\(name)"))
      }
      for output in [
        ["x.jsonl"], ["x.csv"], ["photos/metadata.jsonl"], ["x.json"], ["y.json", "--format", "kohya"],
      ] {
        #expect(try Self.run(["photos", "--output"] + output, folder).status == 0)
        let again = try Self.run(["photos", "--output"] + output, folder)
        #expect(again.errors.hasPrefix("captioned 0 of 3 images (3 "), "\(output) \(again.errors)")
        let text = try Self.text(folder, output[0])
        #expect(!text.contains("\u{1B}") && text.contains(#"\udce9"#), "\(text)")
      }
      // Archives, what stands beside images and in them, and the page.
      let others = ["--sidecar", "txt", "--sidecar", "xmp", "--embed", "--html", "page.html"]
      for arguments in [["--output", "x.tar"], others] {
        let run = try Self.run(["photos"] + arguments, folder)
        #expect(run.status == 0 && !run.errors.contains("not written"), "\(run.errors)")
        let again = try Self.run(["photos"] + arguments, folder)
        #expect(again.status == 0 && again.errors.hasPrefix("captioned 0 of 3 images (3 "), "\(again.errors)")
      }
      let archived = try Self.run(["x-000000.tar", "--output", "-"], folder)
      #expect(archived.output.split(separator: "\n").count == 3, "\(archived)")
      let beside = try Set(FileName.list(folder.url.appendingPathComponent("photos").path))
      for name in names {
        #expect(beside.contains("\(name).xmp") && beside.contains("\(name.dropLast(4)).txt"), "\(beside)")
      }
      let page = try Self.text(folder, "page.html")
      #expect(page.contains(#"\udce9.png"#) && page.contains("photos/%E9.png") && page.contains("a%0Ab.png"))
    }
  #endif
}
