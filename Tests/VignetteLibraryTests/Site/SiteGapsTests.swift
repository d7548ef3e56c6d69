import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@testable import VignetteLibrary

@Suite struct SiteGapsTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["site/img/a b.png", "site/img/é.png", "site/static/s.png", "site/deep/x.png", "secret.png"] {
      try folder.write(Data(name.utf8), to: name)
    }
  }

  private var site: URL { folder.url.appendingPathComponent("site") }

  private func target(_ source: String, on page: String = "deep/page.html", base: String? = nil) throws
    -> SiteFolder.Target
  {
    try SiteFolder(site).target(of: Array(source.utf8), on: page, base: base.map { Array($0.utf8) })
  }

  @Test(arguments: [
    ("x.png", "deep/x.png"), ("./x.png?v=1#top", "deep/x.png"), ("../img/a%20b.png", "img/a b.png"),
    ("/img/a b.png", "img/a b.png"), (" /img/%C3%A9.png\n", "img/é.png"), ("/s.png", "static/s.png"),
    ("..\\img\\a b.png", "img/a b.png"), ("/deep/../deep/./x.png", "deep/x.png"),
  ])
  func addressesAreResolved(source: String, path: String) throws {
    #expect(try target(source) == .file(path))
  }

  @Test(arguments: [
    "https://example.org/a.png", "//example.org/a.png", "data:image/png;base64,AA", "", "#top", "?x", "cid:1",
    "HTTP://x",
  ])
  func otherPlacesAreLeft(source: String) throws {
    #expect(try target(source) == .remote)
  }

  @Test func nothingOutsideTheFolderIsRead() throws {
    for source in [
      "../../secret.png", "/../secret.png", "..%2f..%2fsecret.png", "%2e%2e/%2e%2e/secret.png", "a\0.png",
    ] {
      guard case .outside = try target(source) else {
        Issue.record("\(source) is \(try target(source))")
        continue
      }
    }
    let link = site.appendingPathComponent("deep/link.png")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: folder.url.appendingPathComponent("secret.png"))
    #expect(try target("link.png") == .outside("deep/link.png"))
    #expect(try target("none.png") == .missing("deep/none.png"))
  }

  @Test func basesAreFollowed() throws {
    #expect(try target("x.png", on: "index.html", base: "/deep/") == .file("deep/x.png"))
    #expect(try target("x.png", on: "index.html", base: "deep/other.html") == .file("deep/x.png"))
    #expect(try target("x.png", base: "https://example.org/") == .remote)
    #expect(try target("/deep/x.png", base: "https://example.org/") == .file("deep/x.png"))
  }

  @Test func aSiteIsFilled() throws {
    let html = "<img src='img/a%20b.png'>\r\n<img src='none.png'>\r\n<img src='https://x/y.png'>"
    try folder.write(Data(html.utf8), to: "site/index.html")
    try folder.write(Data("![](../img/a%20b.png)\n\n![](x.png)".utf8), to: "site/deep/page.md")
    try folder.write(Data("<img src=a.png>".utf8), to: "site/node_modules/x.html")
    try folder.write(Data("<img src=a.png>".utf8), to: "site/.git/x.html")
    let gaps = try SiteGaps(site)
    #expect(gaps.pageCount == 2 && gaps.gapCount == 4 && gaps.images == ["img/a b.png", "deep/x.png"])
    #expect(gaps.pages.map(\.path) == ["deep/page.md", "index.html"])
    #expect(gaps.pages[1].gaps.map(\.problem) == [nil, "there is no file none.png"])

    let texts = ["img/a b.png": "A & B"]
    let (diff, _) = try gaps.difference(gaps.pages[1], texts)
    #expect(
      String(decoding: diff, as: UTF8.self)
        == "--- a/index.html\n+++ b/index.html\n@@ -1,3 +1,3 @@\n-<img src='img/a%20b.png'>\r\n"
        + "+<img src='img/a%20b.png' alt=\"A &amp; B\">\r\n <img src='none.png'>\r\n <img src='https://x/y.png'>"
        + "\n\\ No newline at end of file\n")
    #expect(try FileSystem.data(site.appendingPathComponent("index.html")) == Data(html.utf8))

    let filled = try gaps.pages.flatMap { try gaps.fill($0, texts) }
    #expect(filled.map(\.page) == ["deep/page.md", "index.html"] && filled.map(\.line) == [1, 1])
    #expect(
      try FileSystem.data(site.appendingPathComponent("deep/page.md"))
        == Data("![A \\& B](../img/a%20b.png)\n\n![](x.png)".utf8))
    let again = try SiteGaps(site)
    #expect(again.gapCount == 2)
    #expect(throws: (any Error).self) { try SiteGaps(folder.url.appendingPathComponent("none")) }
  }

  @Test func differencesAreShownWithTheirSurroundings() {
    let old = (1...30).map { "\($0)\n" }
    var new = old
    for line in [4, 5, 12, 29] { new[line - 1] = "new \(line)\n" }
    let diff = UnifiedDiff(Array(old.joined().utf8), Array(new.joined().utf8), name: "n")
    let marks = String(decoding: diff.bytes, as: UTF8.self).split(separator: "\n").filter {
      $0.hasPrefix("@@")
    }
    #expect(marks == ["@@ -1,15 +1,15 @@", "@@ -26,5 +26,5 @@"])
    #expect(UnifiedDiff([65], [65], name: "n").bytes.isEmpty)
  }

  @Test func captionsAreKept() throws {
    let file = folder.url.appendingPathComponent("cache/alt.jsonl")
    let image = site.appendingPathComponent("deep/x.png")
    let key = try AltCache.Key(image: image, settings: "model a")
    let cache = try AltCache(at: file)
    #expect(cache[key] == nil)
    try cache.add(AltCache.Entry(text: "A \"cat\"\n", score: -0.25), for: key)
    // What a killed process leaves behind costs no more than itself.
    let handle = try FileHandle(forWritingTo: file)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("{\"image\": \"12".utf8))
    let second = try AltCache(at: file)
    #expect(second[key] == AltCache.Entry(text: "A \"cat\"\n", score: -0.25))
    let other = try AltCache.Key(image: image, settings: "model b")
    #expect(second[other] == nil)
    try second.add(AltCache.Entry(text: "B", score: nil), for: other)
    let third = try AltCache(at: file)
    #expect(third[key]?.text == "A \"cat\"\n" && third[other] == AltCache.Entry(text: "B", score: nil))
  }
}
