import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// `vignette alt` on a small site.
@Suite struct AltCommandTests {
  private let folder: TemporaryFolder
  private let model = Fixture.url("models/vit-gpt2").path
  private let page =
    "<p>caf\u{E9}<img src=\"img/scene.png\"><img src='img/scene.png?2' alt=''>\r\n<img src=none.png>"

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(try Fixture.data("models/vit-gpt2/scene.png"), to: "site/img/scene.png")
    try folder.write(Data(page.utf8), to: "site/index.html")
    try folder.write(Data("# Page\n\n![](/img/scene.png)\n".utf8), to: "site/docs/page.md")
  }

  private var site: String { folder.url.appendingPathComponent("site").path }
  private var cache: String { folder.url.appendingPathComponent("alt.jsonl").path }

  private func alt(_ arguments: String...) throws -> Command.Result {
    try Command.run(["alt", site] + arguments)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: folder.url.appendingPathComponent(path), encoding: .utf8)
  }

  @Test func aCheckListsWhatIsMissing() throws {
    let run = try alt("--check")
    #expect(run.status == 1)
    #expect(
      run.output
        == "docs/page.md:3: img/scene.png\nindex.html:1: img/scene.png\nindex.html:2: there is no file none.png\n"
    )
    #expect(run.errors == "2 pages, 2 with 3 images without an alternative text\n")
    #expect(try text("site/index.html") == page)
  }

  @Test func aSiteIsFilledOnce() throws {
    let options = ["--model", model, "--cache", cache, "--max-new-tokens", "4", "--suffix", " & <more>"]
    let dry = try Command.run(["alt", site, "--dry-run"] + options)
    #expect(dry.status == 1 && dry.output.contains("+++ b/index.html\n@@ -1,2 +1,2 @@\n-<p>café"))
    #expect(try text("site/index.html") == page)

    let review = folder.url.appendingPathComponent("review.jsonl").path
    let run = try Command.run(["alt", site, "--review", review] + options)
    #expect(run.status == 1 && run.errors.contains("index.html:2: there is no file none.png"))
    #expect(run.errors.contains("2 alternative texts filled in"))
    let filled = try text("site/index.html")
    let caption = try #require(filled.firstMatch(of: /png" alt="([^"]*) &amp; &lt;more&gt;">/)).1
    #expect(
      filled == page.replacing("scene.png\">", with: "scene.png\" alt=\"\(caption) &amp; &lt;more&gt;\">"))
    #expect(try text("site/docs/page.md").hasSuffix(" \\& \\<more\\>](/img/scene.png)\n"))
    let lines = try text("review.jsonl").split(separator: "\n")
    #expect(
      lines.count == 2
        && lines[1].hasPrefix("{\"page\": \"index.html\", \"line\": 1, \"image\": \"img/scene.png\""))
    // One caption for one content.
    #expect(try text("alt.jsonl").split(separator: "\n").count == 1)

    // A second run finds nothing to do, and a page that is new is filled from the cache.
    try folder.write(Data("<img src=img/scene.png>".utf8), to: "site/new.html")
    let again = try Command.run(["alt", site] + options)
    #expect(again.errors.contains("1 alternative text filled in"))
    #expect(try text("site/new.html").contains("alt=\"\(caption) &amp;"))
    #expect(try text("alt.jsonl").split(separator: "\n").count == 1)
  }

  @Test func whatDoesNotWorkIsTold() throws {
    #expect(try alt().status == 64)
    #expect(try alt("--check", "--dry-run").status == 64)
    let none = try Command.run(["alt", "\(site)/none", "--check"])
    #expect(none.status == 2 && none.errors.contains("No such file"))
    try folder.write(Data(page.replacing("<img src=none.png>", with: "").utf8), to: "site/index.html")
    #expect(try alt("--model", "\(site)/none", "--cache", cache).status == 2)
  }
}
