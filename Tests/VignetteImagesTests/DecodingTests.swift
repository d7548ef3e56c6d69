import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

@Suite struct DecodingTests {
  @Test func fixturesAreThere() {
    #expect(ImageCase.all.count > 150)
    #expect(BrokenCase.all.count > 25)
  }

  @Test(arguments: ImageCase.all)
  func pixelsArePillows(_ expected: ImageCase) throws {
    let image = try ImageDecoder.decode(expected.file)
    #expect(image.width == expected.width)
    #expect(image.height == expected.height)
    #expect(crc32(image.pixels) == expected.crc32)
  }

  @Test(arguments: BrokenCase.all)
  func brokenImagesAreErrors(_ image: BrokenCase) throws {
    let format = String(image.name.prefix { $0 != "-" })
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(image.file) }
    #expect(error.description.lowercased().contains(format), "\(error)")
  }

  @Test(arguments: [
    ("TIFF", "II*\u{0}"), ("TIFF", "MM\u{0}*"), ("AVIF", "\u{0}\u{0}\u{0} ftypavif"),
    ("HEIC", "\u{0}\u{0}\u{0} ftypheic"), ("PSD", "8BPS\u{0}\u{1}"), ("PDF", "%PDF-1.7"),
    ("SVG", "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ("JPEG 2000", "\u{0}\u{0}\u{0}\u{C}jP  "), ("ICO", "\u{0}\u{0}\u{1}\u{0}"), ("PNM", "P6 1 1 255"),
  ])
  func otherFormatsAreRefusedByName(format: String, start: String) throws {
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(Data(start.utf8)) }
    #expect(error.description.contains(format))
    #expect(error.description.contains("not supported"))
  }

  @Test(arguments: ["", "x", "<!DOCTYPE html>", "\u{7F}ELF"])
  func otherFilesAreNoImages(text: String) {
    #expect(throws: ImageError.unrecognized) { try ImageDecoder.decode(Data(text.utf8)) }
  }

  @Test func theContentTellsTheFormatAndTheErrorNamesTheFile() throws {
    let folder = try TemporaryFolder()
    let png = try #require(ImageCase.all.first { $0.name == "png-2-8" })
    let misnamed = try folder.write(png.file, to: "image.jpg")
    #expect(crc32(try ImageDecoder.decode(contentsOf: misnamed).pixels) == png.crc32)

    let cut = try folder.write(png.file.prefix(100), to: "cut.png")
    let error = try #require(throws: ImageFileError.self) { try ImageDecoder.decode(contentsOf: cut) }
    #expect(error.description == "\(cut.path): truncated PNG image: the file ends before the image does")

    let missing = folder.url.appendingPathComponent("missing.png")
    let failure = try #require(throws: ImageFileError.self) {
      try ImageDecoder.decode(contentsOf: missing)
    }
    #expect(failure.description.contains(missing.path))
  }

  @Test(arguments: ["jpeg-420", "png-2-8", "webp-lossy", "gif-palette", "bmp-24"])
  func sizesAreLimited(name: String) throws {
    let image = try #require(ImageCase.all.first { $0.name == name })
    let count = image.width * image.height
    #expect(throws: Never.self) { try ImageDecoder.decode(image.file, maximumPixels: count) }
    let error = try #require(throws: ImageError.self) {
      try ImageDecoder.decode(image.file, maximumPixels: count - 1)
    }
    #expect(error.description.contains("\(count - 1)"))
    #expect(error.description.contains("--max-image-pixels"))
  }
}
