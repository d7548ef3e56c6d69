import Foundation
import Testing
import VignetteImages
import VignetteTestSupport

/// JPEG files that are decoded at a part of their size.
@Suite struct ReducedDecodingTests {
  private static let bytes = try? Array(Fixture.data("../Examples/Images/cat.jpg"))

  private static func decode(_ minimumSide: Int?) throws -> RGBImage {
    try ImageDecoder.decode(try #require(bytes), maximumPixels: 100_000_000, minimumSide: minimumSide)
  }

  /// A part of the size is one that leaves both sides long enough, and its pixels are about the means of the whole's.
  @Test(arguments: [1, 2, 4, 8]) func aPartIsAboutTheMean(part: Int) throws {
    let whole = try Self.decode(nil)
    let side = min(whole.width, whole.height) / part
    let reduced = try Self.decode(side)
    #expect(
      reduced.width == (whole.width + part - 1) / part && reduced.height == (whole.height + part - 1) / part)
    var (difference, count) = (0, 0)
    for y in 0..<whole.height / part {
      for x in 0..<whole.width / part {
        for channel in 0..<3 {
          var sum = 0
          for row in 0..<part {
            for column in 0..<part {
              sum += Int(whole.pixels[3 * ((y * part + row) * whole.width + x * part + column) + channel])
            }
          }
          difference += abs(sum / (part * part) - Int(reduced.pixels[3 * (y * reduced.width + x) + channel]))
          count += 1
        }
      }
    }
    #expect(Double(difference) / Double(count) < 4)
    if part == 1 { #expect(reduced == whole) }
  }

  @Test func whatIsTooSmallStaysWhole() throws {
    #expect(try Self.decode(100_000) == Self.decode(nil))
    let png = try PNGEncoder.encode(
      RGBImage(width: 64, height: 64, pixels: [UInt8](repeating: 7, count: 64 * 64 * 3)))
    #expect(try ImageDecoder.decode(png, maximumPixels: 10_000, minimumSide: 4).width == 64)
  }
}
