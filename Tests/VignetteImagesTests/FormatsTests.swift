#if Formats
  import Foundation
  import Testing
  import VignetteImages
  import VignetteTestSupport

  /// TIFF, AVIF, HEIC and JPEG XL, besides what all formats are tested for.
  @Suite struct FormatsTests {
    private static let samples = ["tiff-little-rgb-8", "avif-444", "heic-identity", "jxl-lossless"]

    @Test func fixturesAreThere() { #expect(LossyCase.all.count == 2) }

    /// Versions of libheif and libjxl round differently: where samples of colour are fewer, and with JPEG XL's own colours.
    @Test(arguments: LossyCase.all) func lossyPixelsAreNearlyPillows(_ expected: LossyCase) throws {
      let image = try ImageDecoder.decode(expected.file)
      #expect(image.width == expected.width && image.height == expected.height)
      let differences = zip(image.pixels, expected.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.max() ?? 255 <= 1)
    }

    /// Every header that is read names a size that is compared with the limit before anything is decoded.
    @Test(arguments: samples) func sizesAreLimited(name: String) throws {
      let image = try #require(ImageCase.all.first { $0.name == name })
      let count = image.width * image.height
      #expect(throws: Never.self) { try ImageDecoder.decode(image.file, maximumPixels: count) }
      let error = try #require(throws: ImageError.self) {
        try ImageDecoder.decode(image.file, maximumPixels: count - 1)
      }
      #expect(
        error.problem == .tooManyPixels(width: image.width, height: image.height, limit: count - 1),
        "\(error)")
    }

    @Test(arguments: samples) func whatIsCutIsSaidToBeTruncated(name: String) throws {
      let image = try #require(ImageCase.all.first { $0.name == name })
      let error = try #require(throws: ImageError.self) {
        try ImageDecoder.decode(image.file.prefix(image.file.count * 3 / 4))
      }
      guard case .truncated = error.problem else { throw error }
    }

    /// A sequence parameter set of HEVC, behind its length, that names a size.
    private static func parameterSet(width: Int, height: Int) -> [UInt8] {
      func exponential(_ number: Int) -> String {
        let digits = String(number + 1, radix: 2)
        return String(repeating: "0", count: digits.count - 1) + digits
      }
      // Identifier, layers, nesting; profile and level; identifier, chroma, size.
      var bits = "00000001" + String(repeating: "10000000", count: 12) + exponential(0) + exponential(1)
      bits += exponential(width) + exponential(height) + "1"
      bits += String(repeating: "0", count: (8 - bits.count % 8) % 8)
      let bytes = stride(from: 0, to: bits.count, by: 8).map { start in
        UInt8(bits.dropFirst(start).prefix(8), radix: 2) ?? 0
      }
      return [0, 0, 0, UInt8(bytes.count + 2), 0x42, 0x01] + bytes
    }

    /// The container of such a file says that it is small, and the decoder would believe the data.
    @Test func codedSizesAreLimited() throws {
      let image = try #require(ImageCase.all.first { $0.name == "heic-identity" })
      let small = [UInt8](image.file) + Self.parameterSet(width: 64, height: 64)
      #expect(crc32(try ImageDecoder.decode(small).pixels) == image.crc32)
      let large = [UInt8](image.file) + Self.parameterSet(width: 30_000, height: 20_000)
      let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(large) }
      #expect(
        error.problem
          == .tooManyPixels(width: 30_000, height: 20_000, limit: ImageDecoder.defaultMaximumPixels))
      // Their bytes can't even be counted, whatever is allowed.
      let absurd = [UInt8](image.file) + Self.parameterSet(width: 1 << 29, height: 1 << 30)
      let refusal = try #require(throws: ImageError.self) {
        try ImageDecoder.decode(absurd, maximumPixels: .max)
      }
      #expect(refusal.problem == .tooManyPixels(width: 1 << 29, height: 1 << 30, limit: .max))
    }
  }
#endif
