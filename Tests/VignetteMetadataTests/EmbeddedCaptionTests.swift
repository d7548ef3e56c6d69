import Foundation
import Testing
import VignetteFiles
import VignetteImages
import VignetteTestSupport

@testable import VignetteMetadata

@Suite struct EmbeddedCaptionTests {
  private let caption = "A cat & a dog: “Grüße”"

  /// In every kind of file the caption is read back, the pixels and their orientation are the same, and a second caption
  /// takes the place of the first.
  @Test(arguments: ImageCase.embeddable)
  func aCaptionIsWrittenAndReadBack(item: ImageCase) throws {
    let image = try ImageDecoder.decode(item.bytes)
    let first = try EmbeddedCaption.write(caption, into: item.bytes)
    #expect(try EmbeddedCaption.read(first) == caption)
    #expect(try ImageDecoder.decode(first) == image)
    let second = try EmbeddedCaption.write("Short", into: first)
    #expect(try EmbeddedCaption.read(second) == "Short")
    #expect(try ImageDecoder.decode(second) == image)
    #expect(try EmbeddedCaption.write("Short", into: second) == second)
    #expect(try first.withUnsafeBytes { try MetadataExcerpt.caption(in: $0) } == caption)
    #expect(first.count < item.bytes.count + 1500 && second.count <= first.count)
  }

  /// A block of EXIF that is cut off is ignored by readers, its orientation, too: longer, it would be read, and the image
  /// turned around.
  @Test(arguments: ["jpeg-exif-value-past-the-end", "jpeg-exif-value-too-long"])
  func cutOffEXIFStays(name: String) throws {
    let bytes = try ImageCase.named(name)
    #expect {
      _ = try EmbeddedCaption.write(caption, into: bytes)
    } throws: {
      "\($0)".contains("a value of its EXIF block lies outside it")
    }
    var options = EmbeddingOptions()
    options.writesEXIF = false
    let new = try EmbeddedCaption.write(caption, into: bytes, options)
    #expect(try ImageDecoder.decode(new) == ImageDecoder.decode(bytes))
  }

  /// A block of EXIF that a WebP's header doesn't tell of stays hidden.
  @Test func hiddenEXIFStays() throws {
    var bytes = try ImageCase.named("webp-exif")
    let (header, flags) = (Array("VP8X".utf8), 20)
    #expect(Array(bytes[12..<16]) == header && bytes[flags] & 0x08 != 0)
    bytes[flags] &= ~0x08
    let new = try EmbeddedCaption.write(caption, into: bytes)
    #expect(try EmbeddedCaption.read(new) == caption)
    #expect(try ImageDecoder.decode(new) == ImageDecoder.decode(bytes))
  }

  /// What there is of EXIF gets the caption, too.
  @Test(arguments: [
    "jpeg-exif-6", "jpeg-exif-big-endian", "png-exif", "webp-exif", "webp-exif-bare", "jpeg-420",
  ])
  func exifHasIt(name: String) throws {
    var options = EmbeddingOptions()
    let old = try ImageCase.named(name)
    let new = try EmbeddedCaption.write(caption, into: old, options)
    #expect(String(decoding: new, as: UTF8.self).components(separatedBy: "Grüße").count - 1 == 3)
    options.writesEXIF = false
    let without = try EmbeddedCaption.write(caption, into: old, options)
    #expect(String(decoding: without, as: UTF8.self).components(separatedBy: "Grüße").count - 1 == 2)
  }

  @Test(arguments: ["gif-palette", "bmp-24"])
  func otherFormatsAreRefused(name: String) throws {
    let bytes = try ImageCase.named(name)
    let error = #expect(throws: MetadataError.self) { try EmbeddedCaption.write(caption, into: bytes) }
    #expect(error?.reason.contains("a sidecar can hold one") == true)
  }

  /// A PNG that holds EXIF as text gets no chunk of EXIF, which would hide it.
  @Test func textsOfEXIFStayInForce() throws {
    let new = try EmbeddedCaption.write(caption, into: try ImageCase.named("png-raw-profile"))
    #expect(!String(decoding: new, as: UTF8.self).contains("eXIf"))
  }

  @Test func whatCamerasWriteIsNoCaption() throws {
    var exif = EXIFBlock()
    try exif.setImageDescription("OLYMPUS DIGITAL CAMERA         ")
    let jpeg = Piece.inserting(
      Piece.segment(0xE1, JPEGSegments.exif + exif.bytes), into: try ImageCase.named("jpeg-420"))
    #expect(try EmbeddedCaption.read(jpeg) == nil)
    try exif.setImageDescription("A real one")
    let other = Piece.inserting(
      Piece.segment(0xE1, JPEGSegments.exif + exif.bytes), into: try ImageCase.named("jpeg-420"))
    #expect(try EmbeddedCaption.read(other) == "A real one")
  }

  /// Segments are where they were, and what was there byte for byte; new ones stand behind JFIF's.
  @Test func onlyItsSegmentsAreNew() throws {
    let comment =
      Piece.segment(0xFE, Array("comment".utf8)) + Piece.segment(0xE2, Array("ICC_PROFILE\0\u{1}\u{1}".utf8))
    let old = try ImageCase.named("jpeg-420")
    let jpeg = Array(old[..<20]) + comment + old[20...]
    let new = try EmbeddedCaption.write(caption, into: jpeg)
    let exifSize = new.count - jpeg.count - (try xmpSize(new))
    #expect(new[..<20] == jpeg[..<20])
    #expect(new.suffix(jpeg.count - 20) == jpeg[20...])
    #expect(new[20..<24].elementsEqual([0xFF, 0xE1] + Piece.bigEndian(exifSize - 2, 2)))
  }

  /// The size of the XMP segment, with its marker.
  private func xmpSize(_ jpeg: [UInt8]) throws -> Int {
    try #require(JPEGSegments(jpeg).segments(0xE1, JPEGSegments.xmp).first).range.count
  }

  @Test func photoshopsBlockGetsIt() throws {
    let block = Piece.dataSet(1, 90, [0x1B, 0x25, 0x47]) + Piece.dataSet(2, 5, Array("title".utf8))
    let resources = Piece.resource(0x0404, block) + Piece.resource(0x0425, MD5.digest(of: block))
    // Spread over two segments.
    let segments = [resources[..<20], resources[20...]].flatMap {
      Piece.segment(0xED, JPEGSegments.photoshop + $0)
    }
    let new = try EmbeddedCaption.write(
      caption, into: Piece.inserting(segments, into: try ImageCase.named("jpeg-420")))
    let found = try JPEGSegments(new).segments(0xED, JPEGSegments.photoshop)
    #expect(found.count == 1)
    let content = try JPEGSegments(new).content(found[0], JPEGSegments.photoshop)
    let written = try #require(try PhotoshopResources(content).iptc())
    #expect(written.caption == caption)
    #expect(Array(content.suffix(16)) == MD5.digest(of: written.bytes))
  }

  /// What is looked for needn't stand at a file's beginning.
  @Test func largeMetadataIsRead() throws {
    let profile = Piece.segment(0xE2, [UInt8](repeating: 1, count: 65_000))
    let jpeg = Piece.inserting(profile + profile, into: try ImageCase.named("jpeg-420"))
    let long = jpeg + [UInt8](repeating: 7, count: 2 << 20)
    #expect(try long.withUnsafeBytes { try MetadataExcerpt.caption(in: $0) } == nil)
    // Behind the profiles.
    let written = try EmbeddedCaption.write(caption, into: try ImageCase.named("jpeg-420"))
    let later = Piece.inserting(profile + profile, into: written) + [UInt8](repeating: 7, count: 2 << 20)
    #expect(try later.withUnsafeBytes { try MetadataExcerpt.caption(in: $0) } == caption)
    #expect(throws: MetadataError.self) {
      try Array("GIF89a".utf8).withUnsafeBytes { try MetadataExcerpt.caption(in: $0) }
    }
  }

  // MARK: Large packets

  private func xmpSegment(_ packet: String) -> [UInt8] {
    Piece.segment(0xE1, JPEGSegments.xmp + Array(packet.utf8))
  }

  private func packet(_ attributes: String, padding: Int = 0) -> String {
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description \(attributes)/></rdf:RDF>"
      + String(repeating: " ", count: padding) + "<?xpacket end='w'?>"
  }

  @Test func paddingGivesWay() throws {
    let full = packet(
      "", padding: JPEGSegments.maximumPayload - JPEGSegments.xmp.count - packet("").utf8.count)
    let jpeg = Piece.inserting(xmpSegment(full), into: try ImageCase.named("jpeg-420"))
    let new = try EmbeddedCaption.write(caption, into: jpeg)
    #expect(try EmbeddedCaption.read(new) == caption)
    #expect(try xmpSize(new) == 0xFFFF + 2)
  }

  @Test func packetsThatDoNotFitAreRefused() throws {
    let value = String(repeating: "x", count: 65_000)
    let jpeg = Piece.inserting(
      xmpSegment(packet("xmlns:a='urn:a' a:b='\(value)'")), into: try ImageCase.named("jpeg-420"))
    let error = #expect(throws: MetadataError.self) { try EmbeddedCaption.write(caption, into: jpeg) }
    #expect(error?.reason.contains("65504") == true)
  }

  /// A description in the part of the packet that stands in further segments is set there.
  @Test func extendedPacketsAreKept() throws {
    let filler = String(repeating: "y", count: 70_000)
    let part = """
      <rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:a='urn:a' a:b='\(filler)' \
      xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:description>old</dc:description></rdf:Description></rdf:RDF>
      """
    func name(_ bytes: [UInt8]) -> String {
      MD5.digest(of: bytes).map { String(format: "%02X", $0) }.joined()
    }
    func segments(_ bytes: [UInt8]) -> [UInt8] {
      stride(from: 0, to: bytes.count, by: 65_400).flatMap { start in
        Piece.segment(
          0xE1,
          JPEGSegments.extendedXMP + Array(name(bytes).utf8) + Piece.bigEndian(bytes.count, 4)
            + Piece.bigEndian(start, 4) + bytes[start..<min(start + 65_400, bytes.count)])
      }
    }
    let bytes = Array(part.utf8)
    let main = packet("xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='\(name(bytes))'")
    let jpeg = Piece.inserting(xmpSegment(main) + segments(bytes), into: try ImageCase.named("jpeg-420"))
    #expect(try EmbeddedCaption.read(jpeg) == "old")
    let new = try EmbeddedCaption.write(caption, into: jpeg)
    #expect(try EmbeddedCaption.read(new) == caption)
    let found = try JPEGSegments(new)
    let newMain = found.content(try #require(found.segments(0xE1, JPEGSegments.xmp).first), JPEGSegments.xmp)
    let extended = try #require(ExtendedXMP(of: found, namedIn: newMain))
    #expect(extended.identifier == name(extended.bytes))
    #expect(try XMPPacket(extended.bytes).value(of: .description) == caption)
    #expect(try XMPPacket(newMain).value(of: .description) == nil)
    #expect(try XMPPacket(newMain).value(of: .altText) == caption)
  }

  // MARK: Several images

  /// The places of further images behind the first are kept right.
  @Test(arguments: [ByteOrder.little, .big])
  func furtherImagesAreFound(order: ByteOrder) throws {
    let old = try ImageCase.named("jpeg-420")
    let second = try ImageCase.named("jpeg-444")
    func list(_ size: Int, _ offset: Int) -> [UInt8] {
      var block: [UInt8] = order == .little ? [0x49, 0x49, 42, 0] : [0x4D, 0x4D, 0, 42]
      block += order.bytes(8, 4) + order.bytes(1, 2) + order.bytes(0xB002, 2) + order.bytes(7, 2)
      block += order.bytes(32, 4) + order.bytes(26, 4) + order.bytes(0, 4)
      block += order.bytes(0, 4) + order.bytes(size, 4) + order.bytes(0, 8)
      return block + order.bytes(0, 4) + order.bytes(second.count, 4) + order.bytes(offset, 4)
        + order.bytes(0, 4)
    }
    let photoshop = Piece.segment(
      0xED, JPEGSegments.photoshop + Piece.resource(0x0404, Piece.dataSet(2, 25, [0x61])))
    let size = old.count + photoshop.count + 4 + 4 + list(0, 0).count
    // Offsets count from behind the second image's header: marker, length and "MPF" stand before.
    let index = Piece.segment(0xE2, JPEGSegments.multiplePictures + list(size, size - (2 + 8)))
    let jpeg = Piece.inserting(index + photoshop, into: old) + second
    let new = try EmbeddedCaption.write(caption, into: jpeg)
    let segments = try JPEGSegments(new)
    let found = try #require(segments.segments(0xE2, JPEGSegments.multiplePictures).first)
    let block = segments.content(found, JPEGSegments.multiplePictures)
    let newSize = try #require(order.number(4, at: 30, of: block))
    let offset = try #require(order.number(4, at: 50, of: block))
    #expect(newSize == new.count - second.count)
    #expect(new[(found.payload.lowerBound + 4 + offset)...].elementsEqual(second))
  }

  // MARK: Damaged files

  /// Cut anywhere, and with any byte of its structure changed, a file gives a result or an error.
  @Test(arguments: [
    "jpeg-exif-6", "jpeg-420", "png-exif", "png-2-8", "webp-exif", "webp-lossless",
  ])
  func damagedFilesEndInAnErrorOrAResult(name: String) throws {
    let bytes = try EmbeddedCaption.write(caption, into: try ImageCase.named(name))
    for count in stride(from: 0, to: bytes.count, by: 13) {
      _ = try? EmbeddedCaption.write("other", into: Array(bytes[..<count]))
    }
    for position in stride(from: 0, to: min(bytes.count, 1200), by: 7) {
      for value: UInt8 in [0x7F, 0xFF] {
        var damaged = bytes
        damaged[position] = value
        _ = try? EmbeddedCaption.read(damaged)
        _ = try? EmbeddedCaption.write("a caption of some length", into: damaged)
      }
    }
  }

  @Test(
    arguments: [
      [0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xE1], [0xFF, 0xD8, 0xFF, 0xE1, 0, 1], [0xFF, 0xD8, 0xFF, 0xD9],
      [0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 1], PNGChunks.signature,
      PNGChunks.signature + [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0],
      Array("RIFF\u{7F}\u{7F}\u{7F}\u{7F}WEBPVP8 ".utf8), Array("RIFF\u{4}\0\0\0WEBP".utf8),
    ] as [[UInt8]])
  func truncatedFilesAreRefused(bytes: [UInt8]) {
    #expect(throws: MetadataError.self) { try EmbeddedCaption.write("a", into: bytes) }
  }
}
