import Testing

@testable import VignetteMetadata

@Suite struct XMLTests {
  private func tree(_ text: String) throws -> XMLTree { try XMLTree(Array(text.utf8)) }

  @Test func partsAreFoundWhereTheyStand() throws {
    let text =
      #"<?xml version="1.0"?><!-- a > b --><a xmlns="urn:one" xmlns:p="urn:two" p:k = 'v&amp;w'><b/>x<![CDATA[<y>]]>&#x7A;</a>"#
    let tree = try tree(text)
    #expect(tree.elements.map(\.name) == [XMLTree.Name("urn:one", "a"), XMLTree.Name("urn:one", "b")])
    #expect(
      tree.elements[0].children == [1] && tree.elements[1].parent == 0 && tree.elements[1].content == nil)
    let attribute = try #require(tree.attribute(XMLTree.Name("urn:two", "k"), of: 0))
    #expect(String(decoding: tree.text[attribute.range], as: UTF8.self) == "p:k = 'v&amp;w'")
    #expect(tree.value(of: attribute) == "v&w")
    #expect(tree.content(of: 0) == "x<y>z")
    #expect(String(decoding: tree.text[tree.elements[1].range], as: UTF8.self) == "<b/>")
  }

  @Test func prefixesAreResolvedWhereTheyStand() throws {
    let tree = try tree(#"<a xmlns:p="urn:one"><p:b/><b xmlns:p="urn:two" xmlns:q="urn:one"><p:c/></b></a>"#)
    #expect(tree.elements[1].name == XMLTree.Name("urn:one", "b"))
    #expect(tree.elements[3].name == XMLTree.Name("urn:two", "c"))
    #expect(tree.prefix(of: "urn:one", at: 3) == "q" && tree.prefix(of: "urn:one", at: 0) == "p")
    #expect(tree.prefix(of: "urn:three", at: 3) == nil)
  }

  @Test(arguments: [
    "", "no markup", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a/>text", "text<a/>", "<a b/>",
    "<a b=c/>",
    "<a b='c'd='e'/>", "<a b='c' b='d'/>", "<a b='<'/>", "<a b='c/>", "<p:a/>", "<a p:b='c'/>",
    "<a>&unknown;</a>",
    "<a>&#0;</a>", "<a>&amp</a>", "<a>\u{1}</a>", "<a><!-- </a>", "<a><![CDATA[</a>", "<a><?pi </a>", "< a/>",
    "<1/>",
    "<a:b:c xmlns:a='urn:a'/>", "</a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<!DOCTYPE a", "<a",
    "<a b", "<a b=",
    "<a xmlns:p='urn:a' xmlns:q='urn:a' p:b='' q:b=''/>", "<![CDATA[a]]><a/>", "<",
  ])
  func whatIsNotWellFormedIsRefused(text: String) {
    #expect(throws: MetadataError.self) { try tree(text) }
  }

  /// Entities that stand for others ("a billion laughs") and nesting without end.
  @Test func bombsAreRefused() {
    let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>"
    #expect(throws: MetadataError.self) { try tree(laughs) }
    #expect(throws: MetadataError.self) { try tree(String(repeating: "<a>", count: 1_000_000)) }
    let deep = String(repeating: "<a>", count: 200) + String(repeating: "</a>", count: 200)
    #expect(throws: Never.self) { try tree(deep) }
  }

  @Test func theLineIsNamed() {
    let error = #expect(throws: MetadataError.self) { try tree("<a>\n\n<b></a>") }
    #expect(error?.reason == "its XMP is not well-formed XML: line 3: the end tag of <b> is </a>")
  }

  @Test(arguments: [false, true], [false, true])
  func utf16IsReadAndWritten(isBigEndian: Bool, hasMark: Bool) throws {
    let text = "<a>Grüße 𝄞</a>"
    let units = (hasMark ? [0xFEFF] : []) + Array(text.utf16)
    let bytes = units.flatMap { unit in
      isBigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
    }
    let read = try XMLText(bytes)
    #expect(String(decoding: read.utf8, as: UTF8.self) == text)
    #expect(read.stored(read.utf8) == bytes)
    #expect(throws: MetadataError.self) { try XMLText(Array(bytes.dropLast())) }
  }

  @Test func marksAndZerosStay() throws {
    let bytes = [0xEF, 0xBB, 0xBF] + Array("<a/>\n".utf8) + [0, 0]
    let text = try XMLText(bytes)
    #expect(text.utf8 == Array("<a/>\n".utf8))
    #expect(text.stored(text.utf8) == bytes)
  }

  @Test func otherEncodingsAreRefusedUnlessTheyAgree() throws {
    #expect(throws: MetadataError.self) { try XMLText([0x3C, 0, 0, 0, 0x61, 0, 0, 0]) }
    #expect(throws: MetadataError.self) { try XMLText(Array("<a>".utf8) + [0xE9] + Array("</a>".utf8)) }
    let declaration = "<?xml version='1.0' encoding='ISO-8859-1'?>"
    #expect(try XMLText(Array("\(declaration)<a/>".utf8)).escapesNonASCII)
    #expect(throws: MetadataError.self) { try XMLText(Array("\(declaration)<a>é</a>".utf8)) }
  }
}
