import VignetteImages
import VignetteTestSupport
import Testing

@Suite struct ResizeTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let from: [Int]
    let to: [Int]
    let crc32: [UInt32]

    var testDescription: String { "\(from[0])x\(from[1]) to \(to[0])x\(to[1])" }

    static let all = (try? Fixture.json([Case].self, "imaging/resizes.json")) ?? []
  }

  @Test func fixturesAreThere() {
    #expect(Case.all.count > 50)
  }

  @Test(arguments: Case.all)
  func pixelsArePillows(_ resize: Case) throws {
    let source = pattern(width: resize.from[0], height: resize.from[1])
    for (resampling, expected) in zip(Resampling.allCases.sorted { $0.rawValue < $1.rawValue }, resize.crc32)
    {
      let image = try source.resized(width: resize.to[0], height: resize.to[1], resampling: resampling)
      #expect(image.width == resize.to[0] && image.height == resize.to[1])
      #expect(crc32(image.pixels) == expected, "\(resampling)")
    }
  }

  @Test(arguments: Resampling.allCases)
  func aPlainImageStaysPlain(_ resampling: Resampling) throws {
    let grey = RGBImage(width: 50, height: 20, pixels: [UInt8](repeating: 200, count: 3000))
    for (width, height) in [(7, 7), (100, 3), (301, 40)] {
      let image = try grey.resized(width: width, height: height, resampling: resampling)
      #expect(image.pixels.allSatisfy { $0 == 200 })
    }
  }
}
