import Testing

@testable import VignetteMetadata

/// What a change of the caption makes of packets as programs write them, character for character.
@Suite struct XMPPacketTests {
  static let rdf = "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\""
  private static let dc = "xmlns:dc=\"http://purl.org/dc/elements/1.1/\""

  /// A packet around descriptions.
  private func packet(_ content: String) -> String {
    "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \(Self.rdf)>\(content)</rdf:RDF></x:xmpmeta>"
  }

  private func set(
    _ text: String, to value: String = "NEW", _ property: XMPProperty = .description
  ) throws -> String {
    let result = try XMPPacket(Array(text.utf8)).setting(property, to: value)
    return String(decoding: result.bytes, as: UTF8.self)
  }

  private func check(
    _ before: String, _ after: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(try set(packet(before)) == packet(after), sourceLocation: sourceLocation)
  }

  @Test func theDefaultLanguageIsSetAndOthersStay() throws {
    let before = """
      <rdf:Description rdf:about='' \(Self.dc)>
        <!-- by hand -->
        <dc:description>
          <rdf:Alt><rdf:li xml:lang="de">alt</rdf:li>
            <rdf:li  xml:lang = 'X-Default' >old &amp; <![CDATA[<old>]]></rdf:li></rdf:Alt>
        </dc:description>
        <dc:title><rdf:Alt><rdf:li xml:lang="x-default">Title</rdf:li></rdf:Alt></dc:title>
      </rdf:Description>
      """
    let after = before.replacing("old &amp; <![CDATA[<old>]]>", with: "NEW")
    try check(before, after)
  }

  @Test func aLanguageIsAddedInFront() throws {
    try check(
      "<rdf:Description \(Self.dc)><dc:description><rdf:Alt>\n  <rdf:li xml:lang='fr'>f</rdf:li>\n</rdf:Alt></dc:description></rdf:Description>",
      "<rdf:Description \(Self.dc)><dc:description><rdf:Alt>\n  <rdf:li xml:lang=\"x-default\">NEW</rdf:li>\n  <rdf:li xml:lang='fr'>f</rdf:li>\n</rdf:Alt></dc:description></rdf:Description>"
    )
  }

  @Test(arguments: [
    "<rdf:Alt><rdf:li xml:lang='x-default'/></rdf:Alt>", "<rdf:Alt/>", "<rdf:Alt></rdf:Alt>", "plain", "",
    "<rdf:Bag><rdf:li>one</rdf:li></rdf:Bag>", "<rdf:Alt><rdf:li>no language</rdf:li></rdf:Alt>",
    "<rdf:Description><rdf:value>v</rdf:value></rdf:Description>",
  ])
  func oddFormsAreMadeRight(content: String) throws {
    let before = packet(
      "<rdf:Description \(Self.dc)><dc:description>\(content)</dc:description></rdf:Description>")
    let after = packet(
      "<rdf:Description \(Self.dc)><dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">NEW</rdf:li></rdf:Alt></dc:description></rdf:Description>"
    )
    #expect(try set(before) == after)
  }

  @Test func qualifiersStay() throws {
    let item =
      "<rdf:li xml:lang='x-default' rdf:parseType='Resource'><rdf:value>old</rdf:value><q:by xmlns:q='urn:q'>me</q:by></rdf:li>"
    let before =
      "<rdf:Description \(Self.dc)><dc:description><rdf:Alt>\(item)</rdf:Alt></dc:description></rdf:Description>"
    try check(before, before.replacing("old", with: "NEW"))
  }

  @Test func attributesBecomeElements() throws {
    try check(
      "\n <rdf:Description rdf:about=\"\" \(Self.dc)\n   dc:description=\"old\"\n   dc:format='image/jpeg'/>\n",
      "\n <rdf:Description rdf:about=\"\" \(Self.dc)\n   dc:format='image/jpeg'>\n  <dc:description>\n   <rdf:Alt>\n    <rdf:li xml:lang=\"x-default\">NEW</rdf:li>\n   </rdf:Alt>\n  </dc:description>\n </rdf:Description>\n"
    )
  }

  @Test func aPropertyIsAddedWhereItsNamespaceIs() throws {
    try check(
      "<rdf:Description/>\r\n\t<rdf:Description xmlns:d=\"http://purl.org/dc/elements/1.1/\">\r\n\t\t<d:format>a</d:format>\r\n\t</rdf:Description>",
      "<rdf:Description/>\r\n\t<rdf:Description xmlns:d=\"http://purl.org/dc/elements/1.1/\">\r\n\t\t<d:format>a</d:format>\r\n\t\t<d:description>\r\n\t\t\t<rdf:Alt>\r\n\t\t\t\t<rdf:li xml:lang=\"x-default\">NEW</rdf:li>\r\n\t\t\t</rdf:Alt>\r\n\t\t</d:description>\r\n\t</rdf:Description>"
    )
  }

  /// A prefix that stands for something else isn't taken.
  @Test func prefixesDoNotClash() throws {
    let text = try set(packet("<rdf:Description xmlns:dc=\"urn:other\" dc:description=\"theirs\"/>"))
    #expect(text.contains("dc:description=\"theirs\""))
    #expect(text.contains("<dc1:description xmlns:dc1=\"http://purl.org/dc/elements/1.1/\">"))
  }

  @Test func namespacesAreToldByTheirAddress() throws {
    let text = """
      <R:RDF xmlns:R="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><R:Description xmlns:a="http://purl.org/dc/elements/1.1/" \
      xmlns:dc="urn:other"><dc:description>theirs</dc:description><a:description><R:Alt><R:li xml:lang="x-default">o</R:li>\
      </R:Alt></a:description></R:Description></R:RDF>
      """
    #expect(try set(text) == text.replacing(">o<", with: ">NEW<"))
    #expect(try XMPPacket(Array(text.utf8)).caption == "o")
  }

  @Test(arguments: [
    "<rdf:RDF \(XMPPacketTests.rdf)/>", "<rdf:RDF \(XMPPacketTests.rdf)>\n</rdf:RDF>",
    "<rdf:RDF \(XMPPacketTests.rdf)><!-- none --></rdf:RDF>",
  ])
  func aPacketWithoutDescriptionsGetsOne(text: String) throws {
    let result = try XMPPacket(Array(text.utf8)).settingCaption("a & b", [.description, .altText])
    #expect(result.value(of: .description) == "a & b" && result.value(of: .altText) == "a & b")
  }

  @Test func aNewPacketHoldsBoth() throws {
    let packet = try XMPPacket().settingCaption("A cat.", [.description, .altText])
    #expect(packet.caption == "A cat.")
    let text = String(decoding: packet.bytes, as: UTF8.self)
    #expect(text.hasPrefix("<?xpacket begin=\"\u{FEFF}\"") && text.hasSuffix("<?xpacket end=\"w\"?>\n"))
    #expect(text.contains("xmlns:Iptc4xmpCore=\"http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/\""))
    // A second time, nothing but the text changes.
    let again = try packet.settingCaption("A dog.", [.description, .altText])
    #expect(String(decoding: again.bytes, as: UTF8.self) == text.replacing("A cat.", with: "A dog."))
  }

  @Test func paddingAndTailsStay() throws {
    let tail =
      "\n" + String(repeating: String(repeating: " ", count: 99) + "\n", count: 20)
      + "<?xpacket end='w'?>\0\0"
    let text = "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?>\n" + packet("<rdf:Description/>") + tail
    #expect(try set(text).hasSuffix(tail))
  }

  @Test(arguments: [
    "a < b > c & \"d\" 'e' ]]>", "line\none\r\ntwo", "Grüße 𝄞 \u{301}", "a\u{0}b\u{7}c", " spaced ", "",
  ])
  func anyTextIsWrittenAndRead(value: String) throws {
    let result = try XMPPacket().setting(.description, to: value)
    let read = String(value.unicodeScalars.map { $0.value == 0 || $0.value == 7 ? " " : Character($0) })
      .trimmed
    #expect(result.value(of: .description) == (read.isEmpty ? nil : read))
  }

  @Test func utf16StaysUTF16() throws {
    let text = packet("<rdf:Description \(Self.dc)><dc:description>é</dc:description></rdf:Description>")
    func bytes(_ text: String) -> [UInt8] {
      ("\u{FEFF}" + text).utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }
    let result = try XMPPacket(bytes(text)).setting(.description, to: "ñ")
    let item = "<rdf:Alt><rdf:li xml:lang=\"x-default\">ñ</rdf:li></rdf:Alt>"
    #expect(result.bytes == bytes(text.replacing("é", with: item)))
  }

  @Test func charactersBeyondADeclaredEncodingAreNumbers() throws {
    let text = "<?xml version=\"1.0\" encoding=\"us-ascii\"?>" + packet("<rdf:Description/>")
    #expect(try set(text, to: "é").contains("&#233;"))
  }

  @Test(arguments: [
    "<html/>", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>", "{\"a\": 1}", "<rdf:RDF xmlns:rdf='urn:other'/>",
  ])
  func whatIsNoXMPIsRefused(text: String) {
    #expect(throws: MetadataError.self) { try XMPPacket(Array(text.utf8)) }
  }

  /// A property of that name inside a structure is another one.
  @Test func structuresAreLeftAlone() throws {
    let structure =
      "<s:thing xmlns:s='urn:s' rdf:parseType='Resource'><dc:description>inner</dc:description></s:thing>"
    let text = try set(packet("<rdf:Description \(Self.dc)>\(structure)</rdf:Description>"))
    #expect(text.contains(structure) && text.contains(">NEW<"))
  }
}
