import VignetteImages
import Testing

@Suite struct OrientationTests {
  /// The image 1 2 3 / 4 5 6, turned by each orientation.
  @Test(arguments: [
    (1, 3, [1, 2, 3, 4, 5, 6]), (2, 3, [3, 2, 1, 6, 5, 4]), (3, 3, [6, 5, 4, 3, 2, 1]),
    (4, 3, [4, 5, 6, 1, 2, 3]), (5, 2, [1, 4, 2, 5, 3, 6]), (6, 2, [4, 1, 5, 2, 6, 3]),
    (7, 2, [6, 3, 5, 2, 4, 1]), (8, 2, [3, 6, 2, 5, 1, 4]),
  ])
  func imagesAreTurnedUpright(value: Int, width: Int, expected: [UInt8]) throws {
    let orientation = try #require(Orientation(rawValue: value))
    let image = RGBImage(width: 3, height: 2, pixels: (1...6).flatMap { [$0, 0, 255] })
    let turned = try image.oriented(by: orientation)
    #expect(turned == RGBImage(width: width, height: 6 / width, pixels: expected.flatMap { [$0, 0, 255] }))
  }
}
