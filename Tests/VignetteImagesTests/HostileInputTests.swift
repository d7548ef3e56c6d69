import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

/// Whatever the bytes, decoding ends with an image or an ``ImageError``.
@Suite struct HostileInputTests {
  private static let limit = 1 << 20

  private static let samples = ImageCase.all.filter { image in
    [
      "jpeg-420", "jpeg-progressive", "jpeg-cmyk", "jpeg-restarts", "jpeg-exif-6", "png-2-8",
      "png-3-4-interlaced",
      "png-raw-profile", "png-animated", "webp-lossy-alpha", "webp-lossless", "webp-animated",
      "gif-interlaced",
      "gif-animated", "gif-offset-transparent", "bmp-8", "bmp-24", "bmp-16-fields-f800-40",
      "bmp-run-length-8",
      "bmp-run-length-4", "tiff-tiff_lzw-predictor", "tiff-tiles", "tiff-jpeg", "tiff-group4-bilevel",
      "tiff-planes-16-deflate", "avif-alpha", "heic-identity", "jxl-lossless", "jxl-from-jpeg",
    ].contains(image.name)
  }

  /// Decodes and lets no error pass but ``ImageError``.
  private func decode(_ bytes: [UInt8]) throws {
    do {
      let image = try ImageDecoder.decode(bytes, maximumPixels: Self.limit)
      #expect(image.pixels.count == 3 * image.width * image.height)
    } catch is ImageError {}
  }

  @Test(arguments: samples)
  func truncatedAnywhere(_ image: ImageCase) throws {
    let bytes = [UInt8](image.file)
    for count in 0..<bytes.count { try decode(Array(bytes.prefix(count))) }
  }

  @Test(arguments: samples)
  func flippedAnywhere(_ image: ImageCase) throws {
    var generator = SplitMix64(seed: UInt64(image.crc32))
    for _ in 0..<400 {
      var bytes = [UInt8](image.file)
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
          in: 0...255, using: &generator)
      }
      try decode(bytes)
    }
  }

  @Test(arguments: samples)
  func everyByteAtItsExtremes(_ image: ImageCase) throws {
    let bytes = [UInt8](image.file)
    for position in 0..<min(bytes.count, 256) {
      for value: UInt8 in [0, 0x7F, 0x80, 0xFF] {
        var changed = bytes
        changed[position] = value
        try decode(changed)
      }
    }
  }

  @Test(arguments: [
    // PNG, GIF, BMP, WebP and JPEG headers that claim the largest sizes their formats have.
    "89504e470d0a1a0a0000000d49484452ffffffffffffffff08020000002c0dccd70000000049444154",
    "474946383961ffffffff0000002c00000000ffffffff000802044c01003b",
    "424d360000000000000036000000280000002fffff7fffffff7f010018000000000000000000",
    "424d3600000000000000360000002800000000000080000000800100180000000000000000000000000000000000000000000000",
    "524946461e000000574542505650385812000000020000000000ffffffffffff414e494d",
    "ffd8ffc0001108ffffffff03012200021101031101ffda000c03010002110311003f00",
  ])
  func hugeSizesAreRefusedBeforeAllocating(header: String) throws {
    let bytes = stride(from: 0, to: header.count, by: 2).compactMap { start -> UInt8? in
      let from = header.index(header.startIndex, offsetBy: start)
      return UInt8(header[from...].prefix(2), radix: 16)
    }
    #expect(throws: ImageError.self) { try ImageDecoder.decode(bytes) }
  }

  @Test func aImageTooLargeForItsFileIsRefusedBeforeAllocating() throws {
    // 13,000 × 13,000 pixels are within the limit, but a hundred bytes can't hold them.
    let header: [UInt8] = [0, 0, 0x32, 0xC8, 0, 0, 0x32, 0xC8, 8, 2, 0, 0, 0]
    let chunk = Array("IHDR".utf8) + header
    let checksum = withUnsafeBytes(of: crc32(chunk).bigEndian) { Array($0) }
    let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    let data: [UInt8] = [0, 0, 0, 50] + Array("IDAT".utf8) + [UInt8](repeating: 0x78, count: 54)
    #expect(throws: ImageError.truncated(format: "PNG")) {
      try ImageDecoder.decode(start + chunk + checksum + data)
    }
  }
}
