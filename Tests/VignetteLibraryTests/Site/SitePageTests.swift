import Foundation
import Testing

@testable import VignetteLibrary

/// Which images of a page get a text, and what the page is then, byte for byte.
@Suite struct SitePageTests {
  /// The page with "TEXT 1", "TEXT 2" … for its gaps.
  private func filled(_ text: String, _ kind: PageKind = .html, caption: String = "TEXT") throws -> String {
    let page = try #require(SitePage(Array(text.utf8), kind))
    let texts = page.gaps.indices.map { ($0, page.gaps.count > 1 ? "\(caption) \($0 + 1)" : caption) }
    return String(decoding: page.filled(Dictionary(uniqueKeysWithValues: texts)), as: UTF8.self)
  }

  /// Whatever a page repeats, it is read once: in a moment, where looking for the end of each would take hours.
  @Test(
    arguments: [
      "<!---->", "<!--", "<?", "<a ", "<a b=\"", "<a b=' ", "</", "{{", "{%\n", "<pre>", "<template>",
      "<script>",
      "<![CDATA[", "![](", "![](a \"", "![](a (", "![][", "+ ", "> ", "` ``", "<img src=a.png>\n", "x=1 ",
    ], [PageKind.html, .markdown])
  func longPages(piece: String, kind: PageKind) throws {
    let text = "<a " + String(repeating: piece, count: 20_000)
    let page = try #require(SitePage(Array((kind == .html ? text : String(text.dropFirst(3))).utf8), kind))
    #expect(page.gaps.count <= 20_000)
  }

  @Test(arguments: [
    (#"<img src="a.png">"#, #"<img src="a.png" alt="TEXT">"#),
    (#"<IMG class=x SRC='a.png'/>"#, #"<IMG class=x SRC='a.png' alt="TEXT"/>"#),
    ("<img\n  src=a.png\n>", "<img\n  src=a.png alt=\"TEXT\"\n>"),
    ("<img src=a.png>", "<img src=a.png alt=\"TEXT\">"),
    (#"<img src="a.png"class="b">"#, #"<img src="a.png" alt="TEXT"class="b">"#),
    (
      #"<picture><source srcset="b.webp"><img src="a.png"></picture>"#,
      #"<picture><source srcset="b.webp"><img src="a.png" alt="TEXT"></picture>"#
    ),
    (
      #"<img src="data:image/gif;base64,R0" data-src="a.png">"#,
      #"<img src="data:image/gif;base64,R0" data-src="a.png" alt="TEXT">"#
    ),
    (#"<img srcset="a.png 1x, b.png 2x">"#, #"<img srcset="a.png 1x, b.png 2x" alt="TEXT">"#),
    (
      #"<p title="a > b"><img title='<img src="x">' src="a.png">"#,
      #"<p title="a > b"><img title='<img src="x">' src="a.png" alt="TEXT">"#
    ),
    ("<noscript><img src=a.png></noscript>", "<noscript><img src=a.png alt=\"TEXT\"></noscript>"),
    ("<!-->\n<img src=a.png>", "<!-->\n<img src=a.png alt=\"TEXT\">"),
  ])
  func tagsGetAnAttribute(before: String, after: String) throws {
    #expect(try filled(before) == after)
  }

  @Test(arguments: [
    #"<img src="a.png" alt="">"#, "<img alt src=a.png>", #"<img src="a.png" ALT='a'>"#,
    #"<img :alt="t" src="a.png">"#,
    #"<img src="a.png" aria-label="x">"#, #"<img src="a.png" role="presentation">"#,
    #"<img src="a.png" aria-hidden="true">"#,
    "<img>", #"<img src="">"#, #"<image src="a.png">"#, #"<imgx src="a.png">"#, "<!-- <img src=a.png> -->",
    "<script>var a = '<img src=a.png>';</script>", "<style><img src=a.png></style>",
    "<textarea><img src=a.png></textarea>",
    "<title><img src=a.png></title>", "<template><template></template><img src=a.png></template>",
    "<SCRIPT ><img src=a.png></script\n>", "<![CDATA[<img src=a.png>]]>", "<?php echo '<img src=a.png>'; ?>",
    "<% '<img src=a.png>' %>", "{{ '<img src=a.png>' }}", "{% raw '<img src=a.png>' %}",
    #"<img src="a.png" {{ attributes }}>"#,
    #"<img src="<%= url %>">"#, "<img src=a.png", "<img src='a.png>", "<!-- <img src=a.png>",
    "<script><img src=a.png>",
    "<xmp><img src=a.png></xmp>", "&lt;img src=a.png&gt;", "<!DOCTYPE html [<img src=a.png]>",
  ])
  func whatHasATextOrIsNoImageStays(text: String) throws {
    #expect(try filled(text) == text)
  }

  @Test func captionsAreNoMarkup() throws {
    let caption = "a \"sign\" <b>&amp;</b> {{ x }}\n 'é'"
    #expect(
      try filled("<meta charset=utf-8><img src=a.png>", caption: caption)
        == "<meta charset=utf-8><img src=a.png alt=\"a &quot;sign&quot; &lt;b&gt;&amp;amp;&lt;/b&gt; &#123;{ x }} 'é'\">"
    )
    #expect(
      try filled("![](a.png)", .markdown, caption: "[a] *b* _c_ `d` \\ <e> | $f$ \n !g")
        == "![\\[a\\] \\*b\\* \\_c\\_ \\`d\\` \\\\ \\<e\\> \\| \\$f\\$ \\!g](a.png)")
  }

  /// Where nothing says that a page is UTF-8, other characters are written as references.
  @Test func encodingsStay() throws {
    let latin = Array("<p>caf".utf8) + [0xE9] + Array("</p>\r\n<img src=a.png>\r\n".utf8)
    let page = try #require(SitePage(latin, .html))
    #expect(
      page.filled([0: "ü"]) == Array("<p>caf".utf8) + [0xE9]
        + Array("</p>\r\n<img src=a.png alt=\"&#252;\">\r\n".utf8))
    #expect(try filled("<img src=a.png>", caption: "ü") == "<img src=a.png alt=\"&#252;\">")
    #expect(try filled("\u{FEFF}<img src=a.png>", caption: "ü") == "\u{FEFF}<img src=a.png alt=\"ü\">")
    #expect(try filled("<p>é<img src=a.png>", caption: "ü") == "<p>é<img src=a.png alt=\"ü\">")
    func utf16(_ text: String) -> [UInt8] {
      ("\u{FEFF}" + text).utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }
    let wide = try #require(SitePage(utf16("<p>é\r\n<img src=a.png>"), .html))
    #expect(wide.filled([0: "ü"]) == utf16("<p>é\r\n<img src=a.png alt=\"ü\">"))
    #expect(SitePage([0x3C, 0, 0x61, 0], .html) == nil)
    #expect(SitePage([0x1B, 0x24, 0x42], .html) == nil)
  }

  // MARK: Markdown

  @Test(arguments: [
    ("![](a.png)", "![TEXT](a.png)"), ("![](<a b.png> \"title\")", "![TEXT](<a b.png> \"title\")"),
    ("[![](a.png)](b.html)", "[![TEXT](a.png)](b.html)"),
    ("![](a(1).png 'x')\r\n", "![TEXT](a(1).png 'x')\r\n"),
    ("![][x]\n\n[X]: a.png", "![TEXT][x]\n\n[X]: a.png"),
    ("- item\n\n    ![](a.png)", "- item\n\n    ![TEXT](a.png)"),
    ("> ![](a.png)", "> ![TEXT](a.png)"), ("para\n    ![](a.png)", "para\n    ![TEXT](a.png)"),
    ("---\nimage: ![](x.png)\n---\n![](a.png)", "---\nimage: ![](x.png)\n---\n![TEXT](a.png)"),
    ("<p><img src=a.png></p>", "<p><img src=a.png alt=\"TEXT\"></p>"),
    ("| ![](a.png) |\n|---|", "| ![TEXT](a.png) |\n|---|"),
    ("a < b ![](a.png)", "a < b ![TEXT](a.png)"),
    ("the <title> tag\n\n![](a.png)", "the <title> tag\n\n![TEXT](a.png)"),
    ("`` ` `` ![](a.png) `", "`` ` `` ![TEXT](a.png) `"), ("\\`![](a.png)\\`", "\\`![TEXT](a.png)\\`"),
    ("```\n![](x.png)\n```\n![](a.png)", "```\n![](x.png)\n```\n![TEXT](a.png)"),
    ("- ```\n  ![](x.png)\n\n![](a.png)", "- ```\n  ![](x.png)\n\n![TEXT](a.png)"),
    ("> ```\n> ![](x.png)\n\n![](a.png)", "> ```\n> ![](x.png)\n\n![TEXT](a.png)"),
    ("\\\\![](a.png)", "\\\\![TEXT](a.png)"),
  ])
  func markdownGetsTexts(before: String, after: String) throws {
    #expect(try filled(before, .markdown) == after)
  }

  @Test(arguments: [
    "![a](a.png)", "![ ](a.png)", "\\![](a.png)", "!\\[](a.png)", "`![](a.png)`", "``![](a.png) ` ``",
    "    ![](a.png)",
    "text\n\n\t![](a.png)", "~~~ md\n![](a.png)\n~~~~", "````\n```\n![](a.png)\n````", "```\n![](a.png)",
    "![]", "![] (a.png)",
    "![](a.png", "![](a b.png)", "![][nobody]", "![[a.png]]", "<!-- ![](a.png) -->", "<pre>![](a.png)</pre>",
    "<script>`![](a.png)`</script>", "- ```\n  ![](a.png)\n  ```", "> ~~~\n> ![](a.png)",
    "1. a\n\n       ![](a.png)",
    "`<img src=a.png>`", "```html\n<img src=a.png>\n```", "+++\nx = '![](a.png)'\n+++\n", "<img src={photo}>",
    "`a\n![](a.png)`", "![alt][x]\n\n[x]: a.png", "-\n      ![](a.png)", "***\n    ![](a.png)\n",
  ])
  func markdownThatHasATextOrIsCodeStays(text: String) throws {
    #expect(try filled(text, .markdown) == text)
  }

  @Test func severalAreFilledInOrder() throws {
    let text = "![](a.png) <img src='b.png'>\n\n`![](c.png)`\n\n<img src=d.png>![](e.png)"
    #expect(
      try filled(text, .markdown)
        == "![TEXT 1](a.png) <img src='b.png' alt=\"TEXT 2\">\n\n`![](c.png)`\n\n<img src=d.png alt=\"TEXT 3\">![TEXT 4](e.png)"
    )
  }

  /// Any bytes are a page, and filling it only inserts.
  @Test func anyBytesAreRead() throws {
    let pieces = [
      "<img src=a>", "<", "!--", "-->", "`", "```", "\n", "    ", "> ", "- ", "![](a)", "<script>", "</",
      "{{", "}}", "'", "\"", "=", "\\", "[x]: a", "é", "<?", "%>",
    ]
    var state: UInt64 = 7
    for _ in 0..<3000 {
      var text = ""
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      for kind in [PageKind.html, .markdown] {
        let page = try #require(SitePage(Array(text.utf8), kind))
        let full = page.filled(Dictionary(uniqueKeysWithValues: page.gaps.indices.map { ($0, "T") }))
        var rest = full[...]
        #expect(
          text.utf8.allSatisfy { byte in rest.firstIndex(of: byte).map { rest = rest[($0 + 1)...] } != nil })
      }
    }
  }
}
