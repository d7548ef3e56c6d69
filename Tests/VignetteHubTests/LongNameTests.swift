import Testing
import VignetteHub
import VignetteTestSupport

/// A name of any length gives a short error.
@Suite struct LongNameTests {
  @Test(arguments: ["a", "owner/n\u{E9}", "{\"a\":"])
  func anEndlessNameIsCut(part: String) throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: part, count: 70_000 / part.utf8.count)
    let error = #expect(throws: HubError.self) { try HubCache(at: folder.url).resolve(name) }
    let text = "\(try #require(error))"
    #expect(text.hasSuffix("…: there is no such folder") && text.utf8.count < 1000, "\(text.prefix(300))")
  }
}
