import Testing
import VignetteServer

/// The page's assets: whole, and such that a strict content security policy lets them run.
@Suite struct PageTests {
  private static func body(_ path: String) throws -> String { try #require(Page.assets[path]).body }

  @Test func assetsAreWhatTheyShouldBe() throws {
    #expect(Set(Page.assets.keys) == ["/", "/page.js", "/page.css", "/icon.svg"])
    #expect(try #require(Page.assets["/"]).contentType == "text/html; charset=utf-8")
    #expect(try #require(Page.assets["/page.js"]).contentType.hasPrefix("text/javascript"))
    #expect(try #require(Page.assets["/page.css"]).contentType.hasPrefix("text/css"))
    #expect(try Self.body("/").hasPrefix("<!DOCTYPE html>\n"))
    for asset in Page.assets.values { #expect(asset.body.hasSuffix("\n") && asset.body.utf8.count < 1 << 16) }
  }

  /// Everything that is referred to is there.
  @Test func referencesAreAssets() throws {
    let markup = try Self.body("/")
    let references = markup.matches(of: /(?:src|href)="([^"#]+)"/).map { String($0.1) }
    #expect(Set(references) == ["page.js", "page.css", "icon.svg"])
    #expect(references.allSatisfy { Page.assets["/\($0)"] != nil })
    // Places within the page, and what scripts and labels look for.
    let names = Set(markup.matches(of: /\bid="([^"]+)"/).map { String($0.1) })
    for match in markup.matches(of: /(?:href="#|for="|aria-labelledby=")([^"]+)"/) {
      #expect(names.contains(String(match.1)), "\(match.1)")
    }
    for match in try Self.body("/page.js").matches(of: /part\("#([a-z-]+)"/) {
      #expect(names.contains(String(match.1)), "\(match.1)")
    }
    let classes = Set(
      markup.matches(of: /class="([^"]+)"/).flatMap { $0.1.split(separator: " ").map(String.init) })
    for match in try Self.body("/page.js").matches(of: /part\("\.([a-z-]+)"/) {
      #expect(classes.contains(String(match.1)), "\(match.1)")
    }
  }

  /// No script, style or handler within the document, nothing from elsewhere, no code made of strings.
  @Test func policyIsKept() throws {
    let markup = try Self.body("/")
    #expect(markup.firstMatch(of: /<style|\sstyle=|\son[a-z]+=|javascript:/.ignoresCase()) == nil)
    #expect(markup.matches(of: /<script[^>]*>/).count == 1)
    #expect(markup.contains(#"<script type="module" src="page.js"></script>"#))
    for (path, asset) in Page.assets {
      let text = asset.body.replacing("http://www.w3.org/2000/svg", with: "")
      #expect(text.firstMatch(of: /(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}|@import|url\(/) == nil, "\(path)")
    }
    let script = try Self.body("/page.js")
    #expect(
      script.firstMatch(of: /\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write/)
        == nil)
  }

  /// What screen readers and keyboards need.
  @Test func controlsHaveNames() throws {
    let markup = try Self.body("/")
    #expect(markup.contains(#"<html lang="en">"#) && markup.contains(#"role="status""#))
    for match in markup.matches(of: /<(?:select|input) id="([^"]+)"/) {
      let name = String(match.1)
      let isWrapped = markup.contains("<label class=\"button") && ["files", "camera"].contains(name)
      #expect(isWrapped || markup.contains("<label for=\"\(name)\">"), "\(name)")
    }
    #expect(markup.matches(of: /<img(?![^>]*alt=)/).isEmpty)
    let style = try Self.body("/page.css")
    for feature in ["prefers-color-scheme: dark", "prefers-reduced-motion", ":focus-visible", "max-width"] {
      #expect(style.contains(feature), "\(feature)")
    }
  }
}
