import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestServer
import VignetteTestSupport

/// `vignette dataset download` as a user runs it, from a server of the test's own.
@Suite struct DownloadCommandTests {
  private let folder: TemporaryFolder
  private let server: TestServer
  private let archives: [String: Data]

  init() throws {
    folder = try TemporaryFolder()
    archives = try Flickr8kArchives.make()
    server = try TestServer(archives)
  }

  private var target: String { folder.url.appendingPathComponent("flickr8k").path }

  private var arguments: [String] {
    [
      "dataset", "download", "flickr8k", "--to", target, "--mirror", server.url.absoluteString,
      "--no-check-space",
    ]
  }

  @Test func whatIsDownloadedCanBeInspected() throws {
    let run = try Command.run(arguments)
    #expect(run.status == 0 && run.output.isEmpty)
    #expect(
      run.errors.hasSuffix(
        "\(target): downloaded; next: vignette dataset inspect --dataset flickr8k --data-dir \(target)\n"),
      "\(run.errors)")
    #expect(run.errors.contains("fetching Flickr8k_Dataset.zip: "), "\(run.errors)")
    #expect(server.takeRequests().map(\.path) == ["Flickr8k_text.zip", "Flickr8k_Dataset.zip"])

    let inspection = try Command.run(["dataset", "inspect", "--dataset", "flickr8k", "--data-dir", target])
    #expect(inspection.status == 0 && inspection.output.contains("cat.jpg"), "\(inspection.errors)")

    let again = try Command.run(arguments)
    #expect(again.status == 0 && again.errors.contains("Flickr8k_Dataset.zip: is there already"))
    #expect(server.takeRequests().isEmpty)
  }

  @Test func onlySomePartsAndTheirZipFiles() throws {
    let run = try Command.run(arguments + ["--only", "Flickr8k_text", "--keep-archives"])
    #expect(run.status == 0, "\(run.errors)")
    let zip = try Data(contentsOf: URL(fileURLWithPath: "\(target)/Flickr8k_text.zip"))
    #expect(zip == archives[Flickr8kArchives.textName])
    #expect(server.takeRequests().map(\.path) == ["Flickr8k_text.zip"])
  }

  private func zip(_ names: [String], _ contents: Data) throws -> Data {
    let url = folder.url.appendingPathComponent("made.zip")
    let file = try AtomicFile(at: url)
    var writer = ZipWriter(file)
    for name in names { try writer.add(name, [UInt8](contents)) }
    try writer.finish()
    try file.commit()
    return try Data(contentsOf: url)
  }

  /// Annotations without images, or images without annotations, are no data set yet.
  @Test func onlyWhatWorksIsRecommended() throws {
    let captions = #"""
      {"images": [{"id": 1, "file_name": "cat.jpg"}],
       "annotations": [{"id": 1, "image_id": 1, "caption": "A cat."}]}
      """#
    let names = ["annotations/captions_train2017.json", "annotations/captions_val2017.json"]
    let files = [
      "annotations_trainval2017.zip": try zip(names, Data(captions.utf8)),
      "val2017.zip": try zip(["val2017/cat.jpg"], Fixture.data("../Examples/Images/cat.jpg")),
    ]
    server.change { $0.files = files }
    func download(_ part: String, to target: String) throws -> String {
      let run = try Command.run([
        "dataset", "download", "coco-2017", "--to", target, "--mirror", server.url.absoluteString,
        "--no-check-space", "--only", part,
      ])
      #expect(run.status == 0, "\(run.errors)")
      return run.errors.split(separator: "\n").last.map(String.init) ?? ""
    }

    for (first, second) in [("val2017", "annotations_trainval2017"), ("annotations_trainval2017", "val2017")]
    {
      let target = folder.url.appendingPathComponent(first).path
      let parts = "annotations_trainval2017, image_info_test2017, val2017, test2017, train2017"
      let missing = parts.split(separator: ", ").filter { $0 != first }.joined(separator: ", ")
      #expect(
        try download(first, to: target)
          == "\(target): downloaded; no images are there together with their annotations; fetch more of its "
          + "parts: \(missing)")
      let advice = "dataset inspect --dataset coco --data-dir \(target) --split validation"
      #expect(try download(second, to: target) == "\(target): downloaded; next: vignette \(advice)")
      let inspection = try Command.run(advice.split(separator: " ").map(String.init))
      #expect(inspection.status == 0, "\(inspection.errors)")
    }
  }

  /// A run that is stopped in the middle of the images is finished by the next, which asks for the rest alone.
  @Test(arguments: [SIGKILL, SIGINT])
  func goesOnAfter(signal: Int32) throws {
    let count = 40_000
    let size = try #require(archives[Flickr8kArchives.imagesName]).count
    server.change { $0.faults = [nil, .stall(after: count)] }

    let process = Command.process(arguments)
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let part = "\(target)/Flickr8k_Dataset.zip.part"
    func arrived() -> Int? { try? FileManager.default.attributesOfItem(atPath: part)[.size] as? Int }
    while process.isRunning, arrived() != count { usleep(5000) }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    if signal == SIGINT {
      #expect(process.terminationReason == .exit && process.terminationStatus == 130)
      #expect(text.hasSuffix("vignette: stopped; run the same command again to go on\n"), "\(text)")
    } else {
      #expect(process.terminationReason == .uncaughtSignal, "\(text)")
    }
    #expect(arrived() == count && count < size)

    _ = server.takeRequests()
    let run = try Command.run(arguments)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      server.takeRequests() == [
        .init(path: Flickr8kArchives.imagesName, range: "bytes=\(count)-", ifRange: "\"1\"")
      ])
    for name in ["cat.jpg", "coffee.jpg"] {
      let image = try Data(contentsOf: URL(fileURLWithPath: "\(target)/Flicker8k_Dataset/\(name)"))
      #expect(try image == Fixture.data("../Examples/Images/\(name)"))
    }
  }

  @Test func failuresAreOneLine() throws {
    server.change { $0.files = [:] }
    let missing = try Command.run(arguments)
    #expect(
      missing.errors
        == "vignette: \(server.url.absoluteString)/Flickr8k_text.zip: the server answered with status 404\n")
    #expect(missing.status == 2)
    let unknown = try Command.run(arguments + ["--only", "train2017"])
    #expect(
      unknown.errors
        == "vignette: no part is called train2017; there are: Flickr8k_text, Flickr8k_Dataset\n")
    #expect(unknown.status == 2)
    let mirror = try Command.run(["dataset", "download", "flickr8k", "--to", target, "--mirror", "ftp://a"])
    #expect(mirror.status == 64 && mirror.errors.contains("--mirror must be an http or https address"))
  }
}
