import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// Names that aren't UTF-8, on the command line, in folders, and printed: "caf", the byte E9, ".png".
@Suite struct SystemNameTests {
  private static let name = FileName.string([0x63, 0x61, 0x66, 0xE9] + Array(".png".utf8))

  /// A folder with a model, and an image of that name beside another.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let scene = try Fixture.data("models/vit-gpt2/scene.png")
    try folder.write(scene, to: "photos/b.png")
    try AtomicFile.write(scene, to: folder.url.appendingPathComponent("photos/\(name)"))
    return folder
  }

  /// Runs a shell's commands, to which `$V` is the program, `$M` a model and `$E` the byte.
  private static func run(_ script: String, _ folder: TemporaryFolder) throws -> Command.Result {
    try Command.run(
      script: "E=$(printf '\\351'); \(script)", in: folder.url, variables: ["M": CommandTests.model])
  }

  private static let caption = "\"$V\" caption --model \"$M\" --max-length 5"

  @Test(arguments: [
    ("photos", ""), ("photos/caf$E.png photos/b.png", ""), ("--format text photos/caf$E.png", ""),
    ("*.png", "cd photos; "), ("--format csv photos", ""), ("--format jsonl photos", ""),
  ])
  func imagesAreCaptioned(arguments: String, before: String) throws {
    let run = try Self.run("\(before)\(Self.caption) \(arguments)", Self.folder())
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    let names = run.output.split(separator: "\n").filter { $0.contains("caf") }
    #expect(names.count == 1 && names[0].contains(#"caf\udce9.png"#), "\(run.output)")
    #expect(!run.output.contains("\u{FFFD}"), "the output is text in UTF-8: \(run.output)")
    if arguments.contains("jsonl") {
      let line = try JSONField(text: Array(names[0].utf8), file: "line")
      #expect(try line["file"].value() == "photos/\(Self.name)")
    }
  }

  @Test func aSingleImagesCaptionIsAlone() throws {
    let run = try Self.run("\(Self.caption) photos/caf$E.png", Self.folder())
    #expect(run.status == 0 && !run.output.contains("caf") && run.output.split(separator: "\n").count == 1)
  }

  @Test func whatIsMissingIsNamed() throws {
    let run = try Self.run("\(Self.caption) no$E.png photos/b.png", Self.folder())
    #expect(run.status == 1 && run.errors == #"no\udce9.png: there is no such file"# + "\n", "\(run.errors)")
    let model = try Self.run("\"$V\" caption --model no$E x.png", Self.folder())
    #expect(model.status == 2 && model.errors.contains(#"no\udce9"#), "\(model.errors)")
    let option = try Self.run("\"$V\" caption --model m --no$E x.png", Self.folder())
    #expect(option.status == 64 && option.errors.contains(#"no\udce9"#), "\(option.errors)")
  }

  /// A name that looks like one that was escaped is another one.
  @Test func printedNamesAreDifferent() throws {
    let folder = try Self.folder()
    try folder.write(Fixture.data("models/vit-gpt2/scene.png"), to: #"photos/caf\udce9.png"#)
    let run = try Self.run("\(Self.caption) photos", folder)
    let names = run.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
    #expect(
      Set(names) == ["photos/b.png", #"photos/caf\udce9.png"#, #"photos/caf\\udce9.png"#], "\(run.output)")
  }

  /// Relative names count from where the command runs, whatever that is called.
  @Test func theFolderItRunsInMayBeCalledSo() throws {
    let folder = try Self.folder()
    let run = try Self.run("mv photos ph$E; cd ph$E; \(Self.caption) --format text . b.png", folder)
    #expect(run.status == 0 && run.errors == "", "\(run.errors)")
    #expect(run.output.contains("./caf\\udce9.png\t") && run.output.contains("\nb.png\t"), "\(run.output)")
  }

  /// Models, data, results and runs.
  @Test func everyFolderMayBeCalledSo() throws {
    let folder = try TemporaryFolder()
    let run = try Self.run(
      """
      set -e; mkdir a$E; cd a$E
      "$V" dataset demo --train-scenes 4 --validation-scenes 2 --output data$E
      "$V" init --encoder-preset vit-micro --decoder-preset gpt2-micro --vocab-size 300 --output model$E \\
        --tokenizer-from data$E/annotations/captions_train2017.json
      train() {
        "$V" train --model model$E --dataset coco --data-dir data$E --output run$E --save-strategy steps \\
          --save-steps 2 --eval-strategy no --freeze-encoder --feature-cache cache$E "$@"
      }
      train --max-steps 2; train --max-steps 4 --resume-from-checkpoint latest
      train --max-steps 6 --resume-from-checkpoint run$E/checkpoint-4
      "$V" evaluate --model run$E --dataset coco --data-dir data$E --output res$E/out$E.json --metrics-file m$E
      "$V" convert --model run$E/checkpoint-6 --output other$E
      HF_HOME=$PWD/hub$E; export HF_HOME; mkdir -p hub$E/hub/models--a--b/refs hub$E/hub/models--a--b/snapshots
      printf 0123 > hub$E/hub/models--a--b/refs/main; mv other$E hub$E/hub/models--a--b/snapshots/0123
      "$V" caption --model a/b data$E/val2017/*
      """, folder)
    #expect(run.status == 0, "\(run.errors)")
    func name(_ start: String, _ end: String = "") -> String {
      FileName.string(Array(start.utf8) + [0xE9]) + end
    }
    let names = try FileName.list(folder.url.path + "/" + name("a"))
    #expect(
      Set(names) == Set(["data", "model", "run", "cache", "res", "m", "hub"].map { name($0) }), "\(names)")
    let path = [folder.url.path, name("a"), name("res"), name("out", ".json")].joined(separator: "/")
    let results = try JSONField(contentsOf: URL(fileURLWithPath: path)).elements()
    #expect(try results.map { try $0["file_name"].value(as: String.self) }.count == 2)
    #expect(run.output.split(separator: "\n").filter { $0.hasPrefix(#"data\udce9/val2017/"#) }.count == 2)
  }

  /// What runs through Foundation doesn't find such a file, so that one way leads to the system.
  @Test func onlyOneRoomCallsTheSystemOnNames() throws {
    let sources = Fixture.url("../Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var found: [String] = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift",
        // The last one reads the system's files.
        !["FileSystem.swift", "FileName.swift", "SystemMemory.swift"].contains(file.lastPathComponent)
      else { continue }
      let isCommand = file.path.contains("/VignetteCommand/")
      for (number, line) in try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).enumerated() where Self.takesAName(line, isCommand: isCommand) {
        found.append("\(file.lastPathComponent):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
      }
    }
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  private static func takesAName(_ line: Substring, isCommand: Bool) -> Bool {
    let code = line.trimmingCharacters(in: .whitespaces)
    if code.hasPrefix("//") || code.contains("func ") || code.contains("\"/dev/null\"") { return false }
    // The system's own files.
    if code.contains("\"/proc/self/") { return false }
    if code.contains("String(contentsOfFile: path") || code.contains("Image.open(") { return false }
    if isCommand, code.contains("URL(fileURLWithPath:"), !code.contains("URL(fileURLWithPath: $0.path)") {
      return true
    }
    return code.contains(
      /FileManager\.default|FileHandle\(for|Data\(contentsOf:|String\(contentsOf|CommandLine\.arguments/)
      || code.contains(
        /(^|[^.\w])(open|lstat|mkdir|rename|unlink|opendir|access|realpath|rmdir|creat|fopen|truncate|symlink)\(("|[a-z]\w*\.path|path|file|temporaryPath)/
      )
      || code.contains(/(^|[^.\w])(stat|statvfs)\([a-z\w.]*[pP]ath/)
  }
}
