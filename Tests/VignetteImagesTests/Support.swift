import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

/// The CRC-32 that zlib computes, bit by bit.
func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
}

/// Samples that look random, the same as the fixtures' maker uses.
func pattern(width: Int, height: Int) -> RGBImage {
  let samples = (0..<width * height * 3).map { UInt8(($0 * 2_654_435_761 & 0xFFFF_FFFF) >> 24) }
  return RGBImage(width: width, height: height, pixels: samples)
}

/// An image file with what Pillow makes of it.
struct ImageCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data
  let width: Int
  let height: Int
  let crc32: UInt32

  var testDescription: String { name }

  static let all = (try? Fixture.json([ImageCase].self, "imaging/pictures.json")) ?? []
}

/// An image file that Pillow refuses.
struct BrokenCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data

  var testDescription: String { name }

  static let all = (try? Fixture.json([BrokenCase].self, "imaging/broken.json")) ?? []
}

/// An image file whose coding loses something, with the pixels that Pillow gives.
struct LossyCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: Data
  let width: Int
  let height: Int
  let pixels: Data

  var testDescription: String { name }

  static let all = (try? Fixture.json([LossyCase].self, "imaging/lossy.json")) ?? []
}
