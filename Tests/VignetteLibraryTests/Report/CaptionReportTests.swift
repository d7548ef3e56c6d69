import Foundation
import Testing
import VignetteFiles
import VignetteImages
import VignetteTestSupport

@testable import VignetteLibrary

@Suite struct CaptionReportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func image(_ name: String, side: Int) throws -> (LibraryImage, ContentHash) {
    let image = RGBImage(width: side, height: 2, pixels: [UInt8](repeating: 90, count: 6 * side))
    let bytes = Data(try PNGEncoder.encode(image))
    return (LibraryImage(file: try folder.write(bytes, to: name).path), ContentHash(bytes))
  }

  /// The rows of a page, as its script reads them.
  private func rows(_ url: URL) throws -> [JSONValue] {
    let page = try String(contentsOf: url, encoding: .utf8)
    let start = try #require(page.range(of: "id=\"rows\">"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let text = Array(page[start.upperBound..<end.lowerBound].utf8)
    return try #require(JSONValue(parsing: text, file: "rows").asArray)
  }

  @Test func aPageHasARowForEachImage() throws {
    let url = folder.url.appendingPathComponent("report.html")
    let report = CaptionReport(at: url, title: "A <b> & \"c\"")
    try report.prepare()
    let (first, hash) = try image("photos/a b.png", side: 900)
    let best = RecordedCaption(text: "</script><b> & \u{2028}", score: -0.5)
    let other = RecordedCaption(text: "other", score: -1)
    try report.receive(CaptionRecord(image: first, contentHash: hash, outcome: .captions([best, other])))
    let broken = LibraryImage(file: try folder.write(Data("no image".utf8), to: "photos/x.png").path)
    try report.receive(CaptionRecord(image: broken, contentHash: nil, outcome: .failure("not an image")))
    // It appears when it is whole.
    #expect(!FileSystem.exists(url))
    try report.finish()

    let rows = try rows(url)
    #expect(rows.count == 2)
    #expect(rows[0]["c"]?.asString == "</script><b> & \u{2028}" && rows[0]["s"]?.asNumber == -0.5)
    #expect(
      rows[0]["o"]?.asArray?.map(\.asString) == ["other"] && rows[0]["l"]?.asString == "photos/a%20b.png")
    #expect(rows[1]["f"]?.asString == "not an image" && rows[1]["t"] == nil && rows[1]["c"] == nil)
    let path = try #require(rows[0]["t"]?.asString)
    #expect(path == "report_files/\(hash.description.prefix(2))/\(hash).webp")
    let small = try ImageDecoder.decode(contentsOf: folder.url.appendingPathComponent(path))
    #expect(small.width == 480 && small.height == 1)
    let page = try String(contentsOf: url, encoding: .utf8)
    #expect(page.contains("<h1>A &lt;b&gt; &amp; &quot;c&quot;</h1>"))
    // Nothing comes from elsewhere.
    #expect(!page.contains("http:") && !page.contains("https:"))
  }

  /// A page that a killed process left half-written is gone when the next one is made.
  @Test func leftoversGo() throws {
    try folder.write(Data("half".utf8), to: ".report.html.0A1B2C3D.partial")
    let report = CaptionReport(at: folder.url.appendingPathComponent("report.html"), title: "A")
    try report.prepare()
    try report.finish()
    #expect(try Set(FileName.list(folder.url.path)) == ["report.html", "report_files"])
  }

  @Test func anEmptyJobHasAPage() throws {
    let url = folder.url.appendingPathComponent("sub/empty.html")
    try FolderMaker.make(url.deletingLastPathComponent())
    let report = CaptionReport(at: url, title: "none")
    try report.finish()
    #expect(try rows(url).isEmpty)
  }

  @Test(arguments: [
    ("/a/b/c.png", "/a", "b/c.png"), ("/a/b.png", "/a/c/d", "../../b.png"),
    ("/x/é #?.png", "/y", "../x/%C3%A9%20%23%3F.png"),
  ])
  func addressesAreRelative(file: String, start: String, address: String) {
    #expect(
      RelativeAddress.of(URL(fileURLWithPath: file), from: URL(fileURLWithPath: start, isDirectory: true))
        == address)
  }
}
