import Foundation
import Testing
import VignetteDatasets
import VignetteTestSupport
import VignetteTraining

/// The Swift that readers are shown is compiled as it stands there, and most of it runs.
@Suite struct SnippetTests {
  private static let files = Result { try SourceFile.all() }

  private static func snippets() throws -> [Snippet] { try files.get().flatMap(Snippet.all) }

  @Test func eachIsCompiled() throws {
    let files = try Self.files.get()
    let lost = try Self.snippets().filter { snippet in
      !snippet.isManifest && !files.contains { $0.holds(snippet) }
    }
    #expect(
      lost.isEmpty,
      "\(lost): no Swift file of the package holds these snippets; put their lines into one in Examples/Snippets"
    )
  }

  @Test func allPagesAreLookedAt() throws {
    let found = Set(try Self.snippets().map(\.file))
    for file in [
      "README.md", "Sources/Vignette/Vignette.docc/GettingStarted.md", "Sources/Vignette/Captioner.swift",
      "Sources/VignetteTraining/VignetteTraining.docc/TrainingACaptioner.md",
      "Sources/VignetteReports/ModelCard.swift",
    ] {
      #expect(found.contains(file))
    }
  }

  @Test func oneThatIsNotCompiledIsFound() throws {
    let shown = SourceFile(
      path: "shown.md", lines: ["```swift", "import Vignette", "", "print(1)", "print(2)", "```"])
    let snippet = try #require(Snippet.all(in: shown).first)
    #expect(snippet.lines == ["import Vignette", "print(1)", "print(2)"])
    func holds(_ lines: [String]) -> Bool { SourceFile(path: "x.swift", lines: lines).holds(snippet) }
    #expect(holds(["import Vignette", "func f() {", "print(1)", "", "print(2)", "}"]))
    #expect(!holds(["import Vignette", "print(1)", "print(3)", "print(2)"]))
    #expect(!holds(["import VignetteTraining", "print(1)", "print(2)"]))
    #expect(!shown.holds(snippet))
  }

  /// A manifest is compiled by the package manager, and names products that there are.
  @Test func manifestsAreUnderstood() throws {
    let manifests = try Self.snippets().filter(\.isManifest)
    #expect(Set(manifests.map(\.file)).count >= 2)
    let own = try String(contentsOf: Fixture.url("../Package.swift"), encoding: .utf8)
    for manifest in manifests {
      let folder = try TemporaryFolder()
      try folder.write(Data(manifest.text.utf8), to: "client/Package.swift")
      let run = try run(
        "/usr/bin/env", ["swift", "package", "dump-package"], in: folder.url.appendingPathComponent("client"))
      #expect(run.status == 0, "\(manifest): \(run.text)")
      for product in manifest.text.matches(of: /product\(name: "(\w+)", package: "vignette"\)/) {
        #expect(own.contains(".library(name: \"\(product.output.1)\""), "\(manifest)")
      }
    }
  }

  @Test(arguments: ["readme", "getting-started", "training", "measuring", "comments"])
  func itRuns(_ page: String) throws {
    let folder = try Self.workingFolder()
    let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("VignetteSnippets")
    let run = try run(program.path, [page], in: folder.url)
    #expect(run.status == 0, "\(run.text)")
    // Only what goes wrong on purpose says so.
    #expect(!run.text.contains("no caption") && !run.text.contains("rror"), "\(run.text)")
  }

  /// What the snippets expect around them: a model, by its folder and in a cache, images, and a small data set.
  private static func workingFolder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    var options = DemoDataset.Options()
    (options.trainScenes, options.validationScenes, options.colours, options.shapes) = (20, 4, 2, 3)
    let data = folder.url.appendingPathComponent("shapes")
    try DemoDataset(options).write(to: data)
    let captions = try CaptionDataset(DatasetOptions(kind: .coco, folder: data, split: .train)).rows
    let model = folder.url.appendingPathComponent("run")
    try ModelInitializer(
      encoder: .new(.vitMicro),
      decoder: .new(.gpt2Micro, captions: captions.compactMap(\.caption), vocabularySize: 300), seed: 1
    ).save(to: model)

    let cached = "hub/models--nlpconnect--vit-gpt2-image-captioning"
    try folder.write(Data("0123abcd".utf8), to: "\(cached)/refs/main")
    let snapshots = folder.url.appendingPathComponent("\(cached)/snapshots")
    try FileManager.default.createDirectory(at: snapshots, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: snapshots.appendingPathComponent("0123abcd"), withDestinationURL: model)

    let cat = try Data(contentsOf: Fixture.url("../Examples/Images/cat.jpg"))
    for name in ["photo.jpg", "a.jpg"] { try folder.write(cat, to: name) }
    try folder.write(Data(contentsOf: Fixture.url("models/vit-gpt2/scene.png")), to: "b.png")
    return folder
  }

  private func run(_ program: String, _ arguments: [String], in folder: URL) throws -> (
    status: Int32, text: String
  ) {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging([
      "HF_HOME": folder.path, "VIGNETTE_NUM_THREADS": "1",
    ]) { _, new in new }
    process.environment?["HF_HUB_CACHE"] = nil
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }
}
