import Foundation
import Testing
import VignetteImages
import VignetteTestSupport

@testable import VignetteMetadata

/// An image file of the fixtures.
struct ImageCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data

  var testDescription: String { name }
  var bytes: [UInt8] { Array(file) }

  private static let all = (try? Fixture.json([ImageCase].self, "imaging/pictures.json")) ?? []

  /// Those that a caption can be embedded in: whole files, with metadata that isn't damaged. Their XMP doesn't declare its
  /// prefixes.
  static let embeddable = all.filter { item in
    ["jpeg", "png", "webp"].contains { item.name.hasPrefix($0) }
      && ![
        "exif-garbage", "exif-cut", "exif-value-past", "exif-value-too", "twice-prefixed", "rows-missing",
        "end-missing", "end-cut", "-xmp",
      ]
      .contains { item.name.contains($0) }
  }

  static func named(_ name: String) throws -> [UInt8] {
    guard let item = all.first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
    return item.bytes
  }
}

/// Pieces that metadata of tests is made of.
enum Piece {
  static func bigEndian(_ number: Int, _ count: Int) -> [UInt8] { ByteOrder.big.bytes(number, count) }

  /// A JPEG's segment.
  static func segment(_ marker: UInt8, _ content: [UInt8]) -> [UInt8] {
    [0xFF, marker] + bigEndian(content.count + 2, 2) + content
  }

  /// A Photoshop resource without a name.
  static func resource(_ id: Int, _ data: [UInt8]) -> [UInt8] {
    Array("8BIM".utf8) + bigEndian(id, 2) + [0, 0] + bigEndian(data.count, 4) + data
      + (data.count % 2 == 0 ? [] : [0])
  }

  /// A data set of IPTC.
  static func dataSet(_ record: UInt8, _ number: UInt8, _ value: [UInt8]) -> [UInt8] {
    [0x1C, record, number] + bigEndian(value.count, 2) + value
  }

  /// Puts segments behind a JPEG's first marker.
  static func inserting(_ segments: [UInt8], into jpeg: [UInt8]) -> [UInt8] {
    Array(jpeg[..<2]) + segments + jpeg[2...]
  }
}
