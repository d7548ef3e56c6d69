import Foundation
import VignetteFiles
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
    let prefix = String(image.name.prefix { $0 != "-" })
    let format = prefix == "jxl" ? "jpeg xl" : prefix
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(image.file) }
    #expect(error.description.lowercased().contains(format), "\(error)")
  }

  @Test(arguments: [
    ("Canon raw (CR3)", "\u{0}\u{0}\u{0} ftypcrx "), ("Fujifilm raw (RAF)", "FUJIFILMCCD-RAW 0201"),
    ("Olympus raw (ORF)", "IIRO\u{8}\u{0}"), ("PSD", "8BPS\u{0}\u{1}"), ("PDF", "%PDF-1.7"),
    ("SVG", "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
    ("JPEG 2000", "\u{0}\u{0}\u{0}\u{C}jP  "), ("ICO", "\u{0}\u{0}\u{1}\u{0}"), ("PNM", "P6 1 1 255"),
    ("XBM", "#define a_width 8\n#define a_height 8\nstatic char a_bits[] = {0};"),
  ])
  func otherFormatsAreRefusedByName(format: String, start: String) throws {
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(Data(start.utf8)) }
    #expect(error.description.contains(format))
    #expect(error.description.contains("not supported"))
  }

  /// Formats that are left out of a build, or whose data is missing, are known all the same.
  @Test(arguments: [
    ("TIFF", "II*\u{0}"), ("TIFF", "MM\u{0}*"), ("AVIF", "\u{0}\u{0}\u{0} ftypavif"),
    ("HEIC", "\u{0}\u{0}\u{0} ftypheic"),
    ("AVIF", "\u{0}\u{0}\u{0}\u{18}ftypmif1\u{0}\u{0}\u{0}\u{0}mif1avif"),
    ("HEIC", "\u{0}\u{0}\u{0}\u{18}ftypmif1\u{0}\u{0}\u{0}\u{0}mif1heic"),
    ("JPEG XL", "\u{0}\u{0}\u{0}\u{C}JXL \r\n"),
  ])
  func formatsAreNamed(format: String, start: String) throws {
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(Data(start.utf8)) }
    #expect(error.description.contains(format))
  }

  @Test(arguments: [
    ("CUR", [0, 0, 2, 0, 1, 0, 32, 32, 0, 0, 1, 0, 1, 0] + [UInt8](repeating: 0, count: 8)),
    ("TGA", [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 4, 0, 24, 0x20, 1, 2, 3]),
    ("TGA", [0, 1, 9, 0, 0, 0, 1, 24, 0, 0, 0, 0, 4, 0, 4, 0, 8, 0, 1, 2, 3]),
  ])
  func cursorsAndTGAAreToldApart(format: String, bytes: [UInt8]) throws {
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(bytes) }
    #expect(error == .unsupported(format: format, reason: nil))
  }

  /// Lossless and hierarchical JPEG are no damage.
  @Test(arguments: [0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF] as [UInt8])
  func otherCodingsOfJPEGAreUnsupported(marker: UInt8) throws {
    let image = try #require(ImageCase.all.first { $0.name == "jpeg-420" })
    var bytes = [UInt8](image.file)
    let frame = try #require(bytes.indices.dropLast().first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    bytes[frame + 1] = marker
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(bytes) }
    #expect("\(error)".hasPrefix("JPEG image not supported: its coding is lossless or hierarchical"))
  }

  @Test func imagesInAFolderAreKnownByNameOrContent() {
    for name in ["a.JPG", "b.heic", "c.tif", "d.AVIF", "e.f.jxl", "g.eps", "h.j2c"] {
      #expect(ImageFileKind.isImage(named: name))
    }
    for name in ["a.txt", "jpg", ".png", "a.json", "b."] { #expect(!ImageFileKind.isImage(named: name)) }
    #expect(ImageFileKind.isImage(startingWith: Array("II*\u{0}".utf8)))
    #expect(ImageFileKind.isImage(startingWith: [0xFF, 0xD8, 0xFF, 0xE0]))
    #expect(!ImageFileKind.isImage(startingWith: Array("P1 is a priority".utf8)))
    #expect(!ImageFileKind.isImage(startingWith: []))
  }

  @Test func aFileWhoseNameIsNoUTF8IsRead() throws {
    let folder = try TemporaryFolder()
    let png = try #require(ImageCase.all.first { $0.name == "png-2-8" })
    let path = folder.url.path + "/" + FileName.string([0x63, 0x61, 0x66, 0xE9])
    let plain = try folder.write(png.file, to: "plain")
    #expect(FileName.withSystemPath(path) { rename(plain.path, $0) } == 0)
    #expect(crc32(try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: path)).pixels) == png.crc32)
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
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(contentsOf: cut) }
    #expect(error.description == "\(cut.path): truncated PNG image: the file ends before the image does")

    let missing = folder.url.appendingPathComponent("missing.png")
    let failure = try #require(throws: ImageError.self) {
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
    #expect(error.description.contains("`max_image_pixels`"))
  }
}
