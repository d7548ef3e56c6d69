import VignetteDatasets
import Testing

/// Data sets that are made in memory.
@Suite struct MemoryDatasetTests {
  private static func image(_ id: Int, _ captions: [String]) -> CaptionedImage {
    CaptionedImage(
      id: ImageID(id), fileName: "\(id).png", path: "/pictures/\(id).png",
      captions: captions.enumerated().map { ReferenceCaption(id: 10 * id + $0, text: $1) })
  }

  /// Wherever an image without captions stands, the others' captions count.
  @Test(arguments: [0, 1, 2])
  func imagesWithoutCaptionsAreLeftOut(place: Int) {
    var images = [Self.image(1, ["a cat", "one cat"]), Self.image(2, ["a dog"])]
    images.insert(Self.image(3, []), at: place)
    let dataset = CaptionDataset(images: images)
    #expect(dataset.hasCaptions && dataset.captionCount == 3 && dataset.images.map(\.id) == [1, 2])
    #expect(dataset.rows.map(\.caption) == ["a cat", "one cat", "a dog"])
  }

  /// Where none has captions, as in a test split, all are there.
  @Test func aTestSplitHasItsImages() {
    let dataset = CaptionDataset(images: [Self.image(1, []), Self.image(2, [])], split: .test)
    #expect(!dataset.hasCaptions && dataset.captionCount == 0 && dataset.images.count == 2)
  }
}
