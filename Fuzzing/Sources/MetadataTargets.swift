import Foundation
import VignetteFiles
import VignetteImages
import VignetteMetadata

extension Target {
  /// Captions beside images and inside them: what is read, and that what is written is there.
  static let metadataTargets: [Target] = [
    Target(
      name: "xmp",
      seeds: { _ in (Packets.all + [Packets.utf16]).map { Sample("photo.xmp", $0) } }
    ) { _, sample in
      for file in sample.files { try edit(file.bytes) }
    },
    embedding("jpeg", [0xFF, 0xD8]), embedding("png", [0x89, 0x50]), embedding("webp", [0x52, 0x49]),
  ]

  private static let caption = "A \u{201C}dog\u{201D} & cats <\u{e9}\u{1F600}>"

  private static func edit(_ bytes: [UInt8]) throws {
    let packet = try XMPPacket(bytes)
    _ = packet.caption
    guard packet.bytes == bytes else { fatalError("a packet isn't stored as it was") }
    let properties: [XMPProperty] = [.description, .altText]
    let edited = try packet.settingCaption(caption, properties)
    for property in properties where edited.value(of: property) != caption {
      fatalError("the caption isn't in \(property)")
    }
    guard try XMPPacket(edited.bytes).settingCaption(caption, properties).bytes == edited.bytes else {
      fatalError("a caption that is there is written again")
    }
  }

  private static func embedding(_ name: String, _ signature: [UInt8]) -> Target {
    Target(name: "embed-\(name)", seeds: { _ in try samples(signature) }) { folder, sample in
      for file in sample.files {
        _ = try? ImageFileCaption.read(folder.appendingPathComponent(file.name))
        _ = try? EmbeddedCaption.read(file.bytes)
        try embed(file.bytes)
      }
    }
  }

  /// Writes a caption into an image, which must be there then, and leave the pixels as they are.
  private static func embed(_ bytes: [UInt8]) throws {
    let written = try EmbeddedCaption.write(caption, into: bytes)
    guard try EmbeddedCaption.read(written) == caption else { fatalError("the caption isn't there") }
    guard try EmbeddedCaption.write(caption, into: written) == written else {
      fatalError("a caption that is there is written again")
    }
    guard let image = try? ImageDecoder.decode(bytes, maximumPixels: 1 << 20) else { return }
    guard try ImageDecoder.decode(written, maximumPixels: 1 << 20) == image else {
      fatalError("the pixels aren't the same")
    }
  }

  /// Images of the fixtures, without metadata and with it.
  private static func samples(_ signature: [UInt8]) throws -> [Sample] {
    let images = try JSONField(contentsOf: Seeds.url("imaging/pictures.json")).elements().compactMap {
      entry in
      Data(base64Encoded: try entry["file"].value(as: String.self)).map { [UInt8]($0) }
    }
    let plain = images.filter { $0.starts(with: signature) }
    let captioned = plain.compactMap { try? EmbeddedCaption.write("a photo", into: $0) }
    let isJPEG = signature[0] == 0xFF
    let rich = isJPEG ? captioned.prefix(8).map { JPEGPieces.inserted(into: $0) } : []
    return (plain + captioned + rich).map { Sample("image", $0) }
  }
}

/// What editors and cameras put before a JPEG's image besides EXIF and XMP.
private enum JPEGPieces {
  static func inserted(into jpeg: [UInt8]) -> [UInt8] {
    jpeg[..<2] + extended + photoshop + pictures + jpeg[2...]
  }

  private static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count + 2
    return [0xFF, marker, UInt8(count >> 8), UInt8(count & 0xFF)] + content
  }

  /// XMP that names a second part, and that.
  private static let extended: [UInt8] = {
    let identifier = "0123456789ABCDEF0123456789ABCDEF"
    let main = Packets.packet("<rdf:Description xmlns:n='n' n:HasExtendedXMP='\(identifier)'/>")
    let part = Packets.packet(Packets.description)
    let count = part.count
    let head = Array("http://ns.adobe.com/xmp/extension/\0\(identifier)".utf8)
    return segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + main)
      + segment(0xE1, head + [0, 0, UInt8(count >> 8), UInt8(count & 0xFF), 0, 0, 0, 0] + part)
  }()

  /// A block of IPTC among Photoshop's resources.
  private static let photoshop: [UInt8] = {
    let iptc: [UInt8] =
      [0x1C, 0x01, 0x5A, 0, 3, 0x1B, 0x25, 0x47, 0x1C, 0x02, 0x78, 0, 5] + Array("a dog".utf8)
      + [0x1C, 0x02, 0x19, 0, 3] + Array("dog".utf8)
    let count = UInt8(iptc.count)
    let resource = Array("8BIM".utf8) + [0x04, 0x04, 0, 0, 0, 0, 0, count] + iptc
    let rest = Array("8BIM".utf8) + [0x03, 0xED, 0, 0, 0, 0, 0, 2, 1, 2]
    return segment(
      0xED, Array("Photoshop 3.0\0".utf8) + resource + (iptc.count.isMultiple(of: 2) ? [] : [0]) + rest)
  }()

  /// A list of two images in the file.
  private static let pictures: [UInt8] = {
    let entries: [UInt8] =
      [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0] + [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0]
    let tag: [UInt8] = [0xB0, 0x02, 0, 7, 0, 0, 0, 32, 0, 0, 0, 26]
    return segment(
      0xE2, Array("MPF\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1] + tag + [0, 0, 0, 0] + entries)
  }()
}

/// XMP as several programs write it.
private enum Packets {
  static let description = """
    <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
       <dc:description><rdf:Alt><rdf:li xml:lang="de">Ein Hund</rdf:li><rdf:li xml:lang="x-default">A dog &amp; more</rdf:li>
       </rdf:Alt></dc:description>
       <!-- kept --><dc:subject><rdf:Bag><rdf:li>dog</rdf:li></rdf:Bag></dc:subject>
      </rdf:Description>
    """

  static func packet(_ content: String) -> [UInt8] {
    Array(
      """
      <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
      <x:xmpmeta xmlns:x="adobe:ns:meta/">
       <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        \(content)
       </rdf:RDF>
      </x:xmpmeta>
      \(String(repeating: " ", count: 60))
      <?xpacket end="w"?>
      """.utf8)
  }

  private static let contents = [
    description, "<rdf:Description rdf:about=\"\"/>", "",
    """
    <rdf:Description xmlns:tiff='http://ns.adobe.com/tiff/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' \
    tiff:Orientation="6" dc:description="as an attribute"/>
    """,
    """
    <rdf:Description xmlns:d="http://purl.org/dc/elements/1.1/" xmlns:i="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">\
    <d:description rdf:parseType="Resource"><rdf:value>q</rdf:value></d:description>\
    <i:AltTextAccessibility><![CDATA[a < b]]></i:AltTextAccessibility></rdf:Description>
    """,
    """
    <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">\
    <rdf:Description><rdf:value>with qualifiers</rdf:value></rdf:Description></rdf:li></rdf:Alt></dc:description>\
    <dc:description><rdf:Seq><rdf:li/></rdf:Seq></dc:description></rdf:Description>
    """,
  ]

  static let all =
    contents.map { packet($0) } + [
      Array(
        """
        <?xml version="1.0" encoding="iso-8859-1"?><!DOCTYPE x SYSTEM "y">
        <RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><Description/></RDF>
        """.utf8)
    ]

  static let utf16: [UInt8] =
    [0xFF, 0xFE]
    + String(decoding: packet(description), as: UTF8.self).utf16.flatMap {
      [UInt8($0 & 0xFF), UInt8($0 >> 8)]
    }
}
