import VignetteImages
import Testing

@Suite struct PNGEncoderTests {
  @Test(arguments: [(1, 1), (13, 7), (300, 200), (1, 500), (500, 1)])
  func whatIsWrittenReadsBack(width: Int, height: Int) throws {
    let image = pattern(width: width, height: height)
    #expect(try ImageDecoder.decode(PNGEncoder.encode(image)) == image)
  }

  @Test func anEmptyImageIsAnError() {
    #expect(throws: ImageError.self) {
      try PNGEncoder.encode(RGBImage(width: 0, height: 3, pixels: []))
    }
  }
}
