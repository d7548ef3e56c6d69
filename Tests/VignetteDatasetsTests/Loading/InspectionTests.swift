import VignetteDatasets
import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

@Suite struct InspectionTests {
  struct Unreadable: Error, CustomStringConvertible { let description = "truncated JPEG image" }

  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      a.jpg#0\tone two three
      a.jpg#1\tone
      b.jpg#0\tone two
      c.jpg#0\tlost
      """, to: "Flickr8k.token.txt")
    try folder.write("a.jpg\nb.jpg\nc.jpg\n", to: "Flickr_8k.trainImages.txt")
    try folder.write("a.jpg\n", to: "Flickr_8k.devImages.txt")
    try folder.touch("Images/a.jpg", "Images/b.jpg")
    return folder
  }

  @Test func tellsWhatThereIs() throws {
    let folder = try folder()
    let inspection = try DatasetInspection(folder.dataset(.flickr8k)) { path in
      if path.hasSuffix("b.jpg") { throw Unreadable() }
    }
    let images = folder.url.appendingPathComponent("Images").path
    #expect(
      inspection.description == """
        flickr8k, train split of \(folder.url.path)/Flickr8k.token.txt
        3 images with 4 captions in the annotation; 1 image with 2 captions can be used
        captions per image: 1 to 2, mean 1.5, median 2, 95% at most 2
        words per caption: 1 to 3, mean 2.0, median 2, 95% at most 3
        first row: {"image_id": 0, "caption_id": 0, "caption": "one two three", "file_name": "a.jpg", \
        "image_path": "\(images)/a.jpg"}
        1 missing image file (dropped with its captions): c.jpg
        1 unreadable image (dropped with its captions): \(images)/b.jpg (truncated JPEG image)
        2 images missing or unreadable
        """)
    #expect(inspection.skipped.map(\.captions) == [1, 1])
  }

  /// A caption that goes on and on is cut, whatever its characters.
  @Test(arguments: ["word ", "e\u{301}"])
  func theFirstRowIsShort(part: String) throws {
    let folder = try TemporaryFolder()
    let caption = String(repeating: part, count: 10_000)
    try folder.write("a.jpg#0\t\(caption)\n", to: "Flickr8k.token.txt")
    try folder.touch("Images/a.jpg")
    let inspection = try DatasetInspection(folder.dataset(.flickr8k) { $0.validationFraction = 0 })
    let lines = inspection.description.split(separator: "\n")
    let line = try #require(lines.first { $0.hasPrefix("first row: ") })
    #expect(line.contains("... (\(caption.unicodeScalars.count) characters)\""), "\(line)")
    #expect(line.count < 2000 && inspection.firstRow?.caption == caption)
  }

  /// Where there are no captions, none are counted.
  @Test func aTestSetHasImagesAlone() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      #"{"images": [{"id": 1, "file_name": "a.jpg"}]}"#, to: "annotations/image_info_test2017.json")
    try folder.touch("test2017/a.jpg")
    let inspection = try DatasetInspection(folder.dataset(.coco, .test))
    #expect(inspection.description.contains("\n1 image in the annotation; 1 image can be used\n"))
  }

  /// Each image is told of in turn, and a throw ends the inspection.
  @Test func tellsOfEachImage() throws {
    let folder = try folder()
    let dataset = try folder.dataset(.flickr8k)
    let check: @Sendable (String) throws -> Void = { if $0.hasSuffix("b.jpg") { throw Unreadable() } }
    var told: [String?] = []
    _ = try DatasetInspection(dataset, check: check) { told.append($0?.reason) }
    #expect(told == [nil, "truncated JPEG image"])
    #expect(throws: Unreadable.self) {
      try DatasetInspection(dataset, check: check) { if $0 != nil { throw Unreadable() } }
    }
  }

  @Test func opensTheImages() throws {
    let folder = try folder()
    try folder.write(
      try Data(PNGEncoder.encode(RGBImage(width: 1, height: 1, pixels: [1, 2, 3]))), to: "Images/a.jpg")
    let inspection = try DatasetInspection(folder.dataset(.flickr8k), check: DatasetInspection.decode)
    #expect(inspection.skipped.map(\.captions) == [1, 1])
    #expect(
      inspection.skipped[1].reason
        == "not an image: the content is neither JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC nor JPEG XL")
  }

  @Test func skippedImagesAreNamedOnce() throws {
    let folder = try folder()
    let dataset = try folder.dataset(.flickr8k)
    let skipped = SkippedImages(dataset.skipped)
    #expect(skipped.record(dataset.images[0], because: Unreadable()))
    #expect(!skipped.record(dataset.images[0], because: Unreadable()))
    #expect(skipped.count == 2)
    let url = folder.url.appendingPathComponent("skipped.jsonl")
    try skipped.write(to: url)
    let images = folder.url.appendingPathComponent("Images").path
    #expect(
      try String(contentsOf: url, encoding: .utf8) == """
        {"file": "\(images)/a.jpg", "reason": "truncated JPEG image", "captions": 2}
        {"file": "\(images)/c.jpg", "reason": "the file is missing", "captions": 1}

        """)
  }
}
