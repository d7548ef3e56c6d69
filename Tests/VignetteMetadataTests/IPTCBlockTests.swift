import Testing

@testable import VignetteMetadata

@Suite struct IPTCBlockTests {
  private let utf8 = Piece.dataSet(1, 90, [0x1B, 0x25, 0x47])
  private let keyword = Piece.dataSet(2, 25, Array("cat".utf8))

  @Test func theCaptionIsSetWhereItWas() throws {
    let old = Piece.dataSet(2, 0, [0, 2]) + Piece.dataSet(2, 120, Array("old".utf8)) + keyword + [0, 0]
    let new = try IPTCBlock(old).setting("new one")
    #expect(new.caption == "new one")
    #expect(
      new.bytes == Piece.dataSet(2, 0, [0, 2]) + Piece.dataSet(2, 120, Array("new one".utf8)) + keyword + [
        0, 0,
      ])
  }

  @Test func aCaptionIsAddedInItsRecord() throws {
    let last = Piece.dataSet(8, 10, [1])
    let new = try IPTCBlock(keyword + last).setting("new")
    #expect(new.bytes == keyword + Piece.dataSet(2, 120, Array("new".utf8)) + last)
  }

  /// Declared UTF-8 is kept; ASCII alone is declared to be UTF-8; with other texts in Latin-1, the caption is Latin-1.
  @Test func charactersAreThoseOfTheBlock() throws {
    let caption = "Grüße €"
    let value = Array(caption.utf8)
    #expect(
      try IPTCBlock(utf8 + keyword).setting(caption).bytes == utf8 + keyword + Piece.dataSet(2, 120, value))
    #expect(try IPTCBlock(keyword).setting(caption).bytes == utf8 + keyword + Piece.dataSet(2, 120, value))
    let latin = Piece.dataSet(2, 90, [0x4B, 0xF6, 0x6C, 0x6E])
    let inLatin: [UInt8] = [0x47, 0x72, 0xFC, 0xDF, 0x65, 0x20, 0x3F]
    #expect(try IPTCBlock(latin).setting(caption).bytes == latin + Piece.dataSet(2, 120, inLatin))
  }

  @Test func longCaptionsAreCut() throws {
    let value = String(repeating: "é", count: 1500)
    let new = try IPTCBlock(utf8).setting(value)
    #expect(new.caption == String(repeating: "é", count: 1000))
  }

  @Test func longDataSetsAreRead() throws {
    let long: [UInt8] = [0x1C, 2, 25, 0x80, 4] + Piece.bigEndian(3, 4) + [1, 2, 3]
    #expect(try IPTCBlock(long).setting("x").bytes == long + Piece.dataSet(2, 120, [0x78]))
  }

  @Test(
    arguments: [
      [0x1C, 2], [0x1C, 2, 120, 0, 5, 1], [0x1C, 2, 120, 0xFF, 0xFF, 1, 1],
      [0x1C, 2, 120, 0x80, 4, 255, 255, 255, 255],
    ] as [[UInt8]])
  func damagedBlocksAreRefused(bytes: [UInt8]) {
    #expect(throws: MetadataError.self) { try IPTCBlock(bytes) }
  }

  @Test func theDigestFollowsTheBlock() throws {
    let old = keyword
    let other = Piece.resource(0x03ED, [1, 2, 3])
    func resources(_ block: [UInt8], _ digest: [UInt8]) -> [UInt8] {
      other + Piece.resource(0x0404, block) + Piece.resource(0x0425, digest) + other
    }
    let new = old + Piece.dataSet(2, 120, Array("new".utf8))
    #expect(
      try PhotoshopResources(resources(old, MD5.digest(of: old))).settingCaption("new")
        == resources(new, MD5.digest(of: new)))
    // One that was wrong tells that the block was changed by others.
    let wrong = [UInt8](repeating: 7, count: 16)
    #expect(try PhotoshopResources(resources(old, wrong)).settingCaption("new") == resources(new, wrong))
    #expect(try PhotoshopResources(other).settingCaption("new") == nil)
    #expect(throws: MetadataError.self) { try PhotoshopResources(Array(other.dropLast(6))) }
  }

  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    (
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
      "57edf4a22be3c955ac49da2e2107b67a"
    ),
  ])
  func digestsAreThoseOfTheStandard(text: String, digest: String) {
    let digits = Array("0123456789abcdef".utf8)
    let bytes = MD5.digest(of: Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    #expect(String(decoding: bytes, as: UTF8.self) == digest)
  }
}
