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
  }
#endif
