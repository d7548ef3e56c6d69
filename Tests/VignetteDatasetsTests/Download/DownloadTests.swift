import VignetteHub
import Foundation
import Synchronization
import Testing
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteTestSupport

@Suite struct DownloadTests {
  private let folder: TemporaryFolder
  private let server: StandInServer
  private let zip: Data

  init() throws {
    folder = try TemporaryFolder()
    zip = try Fixture.data("datasets/plain.zip")
    server = StandInServer(zip)
  }

  private func fetch(_ change: (inout FileDownload) -> Void = { _ in }) async throws -> Data {
    let url = try #require(URL(string: "http://example.org/plain.zip"))
    var download = FileDownload(url, to: folder.url.appendingPathComponent("plain.zip"))
    download.pause = .zero
    change(&download)
    try await download.fetch(using: server)
    return try Data(contentsOf: download.part)
  }

  private func message(_ body: () async throws -> some Any) async -> String {
    do {
      _ = try await body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  private var ranges: [String?] { server.requests.withLock { $0.map { $0["Range"] } } }

  @Test func fetchesInOneGo() async throws {
    #expect(try await fetch() == zip)
    #expect(ranges == [nil])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["plain.zip.part"])
  }

  @Test func goesOnWhereTheConnectionBroke() async throws {
    server.change { $0.breaksAfter = 300 }
    #expect(try await fetch() == zip)
    #expect(ranges.count > 2 && ranges[1] == "bytes=300-" && ranges[2] == "bytes=600-")
    #expect(server.requests.withLock { $0[1]["If-Range"] } == "\"1\"")
  }

  @Test func goesOnInAnotherRun() async throws {
    server.change { $0.breaksAfter = 300 }
    let text = await message { try await fetch { $0.attempts = 1 } }
    #expect(text.contains("the download stopped after 300 bytes") && text.hasSuffix("to go on from there"))
    server.change { $0.breaksAfter = nil }
    #expect(try await fetch() == zip)
    #expect(ranges == [nil, "bytes=300-"])
  }

  @Test func startsAnewWhenTheFileChanged() async throws {
    server.change { $0.breaksAfter = 300 }
    _ = await message { try await fetch { $0.attempts = 1 } }
    server.change {
      $0.breaksAfter = nil
      $0.tag = "\"2\""
      $0.content = Data(repeating: 7, count: 500)
    }
    #expect(try await fetch() == Data(repeating: 7, count: 500))
  }

  @Test func startsAnewWhereRangesAreUnknown() async throws {
    server.change { $0.breaksAfter = 300 }
    _ = await message { try await fetch { $0.attempts = 1 } }
    server.change {
      $0.breaksAfter = nil
      $0.acceptsRanges = false
    }
    #expect(try await fetch() == zip)
  }

  @Test func aCompleteFileIsNotFetchedAgain() async throws {
    _ = try await fetch()
    #expect(try await fetch() == zip)
    #expect(ranges == [nil, "bytes=\(zip.count)-"])
  }

  @Test func triesAgainWhenTheServerIsBusy() async throws {
    server.change { $0.refusals = [503, 429, 500] }
    #expect(try await fetch() == zip)
    server.change { $0.refusals = [404] }
    #expect(
      await message { try await fetch() }
        == "http://example.org/plain.zip: the server answered with status 404")
    server.change { $0.refusals = Array(repeating: 503, count: 5) }
    #expect(await message { try await fetch() }.hasSuffix("status 503"))
  }

  @Test func noticesThatTheServerSendsMoreThanItSaid() async {
    server.change { $0.announced = 100 }
    #expect(await message { try await fetch() }.contains("more than the 100 bytes"))
  }

  private func download() throws -> DatasetDownload {
    let archives = try ["plain.zip", "other.zip"].map { name in
      DatasetSource.Archive(
        url: try #require(URL(string: "http://example.org/\(name)")), byteCount: 2000,
        subfolder: name == "other.zip" ? "other" : "")
    }
    var download = DatasetDownload(archives, to: folder.url)
    download.pause = .zero
    return download
  }

  @Test func unpacksEveryArchiveOnce() async throws {
    var stages: [DatasetDownload.Progress.Stage] = []
    let download = try download()
    try await download.run(using: server) { if stages.last != $0.stage { stages.append($0.stage) } }
    #expect(stages == [.fetching, .verifying, .unpacking, .done, .fetching, .verifying, .unpacking, .done])
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(
      names.sorted() == [".other.zip.unpacked", ".plain.zip.unpacked", "empty.txt", "other", "pictures"])
    #expect(FileManager.default.fileExists(atPath: folder.url.path + "/other/pictures/deep/stored.txt"))
    try await download.run(using: server)
    #expect(ranges.count == 2)
  }

  /// Until the disk has what was unpacked, the zip file stays and nothing says that it is done with.
  @Test func unpackingIsDoneWhenTheDiskHasIt() async throws {
    struct Refused: Error {}
    let names = Mutex<[String]>([])
    let target = folder.url.path
    var refusing = try download()
    refusing.flush = { folders in
      names.withLock { $0 = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? [] }
      #expect(folders.map(\.lastPathComponent).contains("pictures"))
      throw Refused()
    }
    let stopped = refusing
    #expect(await message { try await stopped.run(using: server) } == "Refused()")
    let left = ["empty.txt", "pictures", "plain.zip"]
    #expect(names.withLock { $0.sorted() } == left)
    #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == left)
    #expect(stopped.missing.map(\.part) == ["plain", "other"])

    let again = try download()
    try await again.run(using: server)
    #expect(again.missing.isEmpty && ranges.count == 2)
  }

  @Test func theFolderThatCannotBeFlushedIsNamed() throws {
    try FileSystemSync.flush([folder.url])
    let gone = folder.url.appendingPathComponent("gone")
    let error = #expect(throws: SystemError.self) { try FileSystemSync.flush([gone]) }
    #expect(error?.path == gone.path)
  }

  @Test func aDamagedArchiveIsRemovedAndNothingUnpacked() async throws {
    let name = try #require(zip.range(of: Data("long.txt".utf8)))
    server.change { $0.content[name.upperBound + 40] ^= 0xFF }
    let download = try download()
    let text = await message { try await download.run(using: server) }
    #expect(
      text.contains("pictures/long.txt") && text.hasSuffix("run the command again to fetch it anew"),
      "\(text)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    server.change { [zip] in $0.content = zip }
    try await download.run(using: server)
  }

  @Test func theSourcesAreComplete() {
    #expect(
      DatasetSource.coco2017.archives.map(\.name) == [
        "annotations_trainval2017.zip", "image_info_test2017.zip", "val2017.zip", "test2017.zip",
        "train2017.zip",
      ])
    #expect(DatasetSource.flickr8k.archives.map(\.name) == ["Flickr8k_text.zip", "Flickr8k_Dataset.zip"])
  }

  @Test func partsAreChosenByName() async throws {
    let parts = try DatasetSource.coco2017.archives(only: ["val2017", "annotations_trainval2017"])
    #expect(parts.map(\.name) == ["annotations_trainval2017.zip", "val2017.zip"])
    #expect(try DatasetSource.coco2017.archives(only: []) == DatasetSource.coco2017.archives)
    #expect(
      await message { try DatasetSource.flickr8k.archives(only: ["val2017"]) }
        == "no part is called val2017; there are: Flickr8k_text, Flickr8k_Dataset")
  }

  @Test func mirrorsServeTheSameNames() throws {
    let mirror = try #require(URL(string: "http://127.0.0.1:8080/data/"))
    let archives = DatasetSource.flickr8k.archives.map { $0.from(mirror: mirror) }
    #expect(
      archives.map(\.url.absoluteString) == [
        "http://127.0.0.1:8080/data/Flickr8k_text.zip", "http://127.0.0.1:8080/data/Flickr8k_Dataset.zip",
      ])
    #expect(archives.map(\.subfolder) == DatasetSource.flickr8k.archives.map(\.subfolder))
  }

  @Test func spaceIsNeededForWhatIsMissing() async throws {
    func archive(_ name: String, _ byteCount: Int, _ unpacked: Int) throws -> DatasetSource.Archive {
      DatasetSource.Archive(
        url: try #require(URL(string: "http://example.org/\(name).zip")), byteCount: byteCount,
        unpackedByteCount: unpacked)
    }
    let archives = [try archive("a", 1000, 5000), try archive("b", 3000, 3000)]
    let target = folder.url.appendingPathComponent("not/there")
    var download = DatasetDownload(archives, to: target)
    #expect(download.neededByteCount == 5000 + 6000)
    download.keepsArchives = true
    #expect(download.neededByteCount == 6000 + 6000)
    #expect(
      await message { try download.checkSpace(available: 11_999) }
        == "\(target.path): about 12.0 kB of free disk space are needed, but only 12.0 kB are there")
    try download.checkSpace(available: 12_000)
    try download.checkSpace()
    download = DatasetDownload([try archive("huge", .max / 4, 0)], to: target)
    #expect(await message { try download.checkSpace() }.contains("of free disk space are needed"))

    download = DatasetDownload(archives, to: folder.url)
    try folder.write(Data(), to: ".a.zip.unpacked")
    try folder.write(Data(count: 1800), to: "b.zip.part")
    #expect(download.neededByteCount == 1200 + 3000)
  }
}
