import VignetteHub
import VignetteDatasets
import VignetteHTTP
import Foundation
import VignetteTestServer
import VignetteTestSupport
import Testing

/// A very small Flickr8k, downloaded whole.
@Suite struct DatasetDownloadTests {
  private let folder: TemporaryFolder
  private let server: TestServer
  private let archives: [String: Data]

  init() throws {
    folder = try TemporaryFolder()
    archives = try Flickr8kArchives.make()
    server = try TestServer(archives)
  }

  private func run() async throws {
    let archives = DatasetSource.flickr8k.archives.map { $0.from(mirror: server.url) }
    var download = DatasetDownload(archives, to: folder.url)
    download.pause = .zero
    var options = HTTPFetcher.Options()
    options.idleTimeout = .seconds(3600)
    try await HTTPFetcher.withFetcher(options) { [download] in try await download.run(using: $0) }
  }

  @Test func theFolderIsReadAsFlickr8k() async throws {
    server.change { $0.faults = [.cut(after: 100), .status(503), .cut(after: 200)] }
    try await run()
    for (split, file) in [(DatasetSplit.train, "cat.jpg"), (.validation, "coffee.jpg")] {
      let dataset = try CaptionDataset(DatasetOptions(kind: .flickr8k, folder: folder.url, split: split))
      let inspection = try DatasetInspection(dataset, check: DatasetInspection.decode)
      #expect(inspection.captionCount == 2 && inspection.skipped.isEmpty)
      #expect(inspection.firstRow?.fileName == file)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(
      names.sorted() == [
        ".Flickr8k_Dataset.zip.unpacked", ".Flickr8k_text.zip.unpacked", "Flicker8k_Dataset", "Flickr8k_text",
      ])
    _ = server.takeRequests()
    try await run()
    #expect(server.takeRequests().isEmpty)
  }

  @Test func aDamagedZipIsRemovedAndFetchedAnew() async throws {
    let name = Flickr8kArchives.imagesName
    let middle = try #require(archives[name]).count / 2
    server.change { $0.files[name]?[middle] ^= 0xFF }
    let error = await #expect(throws: HubError.self) { try await run() }
    let text = try #require(error).description
    #expect(text.contains("the contents don't match their checksum"), "\(text)")
    #expect(text.hasSuffix("run the command again to fetch it anew"), "\(text)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(names.sorted() == [".Flickr8k_text.zip.unpacked", "Flickr8k_text"])

    server.change { [archives] in $0.files = archives }
    _ = server.takeRequests()
    try await run()
    #expect(server.takeRequests() == [.init(path: name)])
  }
}
