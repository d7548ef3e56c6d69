import VignetteDatasets
import Testing
import VignetteTestSupport

/// Where a data set has no validation split, the cut is made among the images whose files are there.
@Suite struct ValidationCutTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes rows about so many images, and those images that are to be there.
  private func write(_ count: Int, where isThere: (String) -> Bool) throws {
    let names = (0..<count).map { "\($0).png" }
    let lines = names.map { #"{"file_name": "\#($0)", "captions": ["a", "b"]}"# }
    try folder.write(lines.joined(separator: "\n"), to: "metadata.jsonl")
    for name in names where isThere(name) { try folder.touch(name) }
  }

  private func load(
    _ split: DatasetSplit, _ missingImages: DatasetOptions.MissingImages = .skip
  ) throws -> CaptionDataset {
    try folder.dataset(.imagefolder, split) { $0.missingImages = missingImages }
  }

  private func names(_ dataset: CaptionDataset) -> Set<String> { Set(dataset.images.map(\.fileName)) }

  /// The images that would be validation's if all were there are missing, and others are in their place.
  @Test(arguments: [(20, 1), (200, 10)])
  func missingImagesAreNotCut(count: Int, validationCount: Int) throws {
    try write(count) { _ in false }
    let chosen = names(try load(.validation, .ignore))
    #expect(chosen.count == validationCount)
    try write(count) { !chosen.contains($0) }
    let (train, validation) = (try load(.train), try load(.validation))
    #expect(validation.images.count == validationCount)
    #expect(train.images.count == count - 2 * validationCount)
    #expect(names(train).union(names(validation)).count == count - validationCount)
    #expect(names(train).union(names(validation)).isDisjoint(with: chosen))
  }

  /// Each image is in one part, there or missing, and each missing one is told of once.
  @Test func thePartsMakeUpTheWhole() throws {
    try write(300) { !$0.hasSuffix("3.png") && !$0.hasSuffix("7.png") && !$0.hasSuffix("8.png") }
    let parts = [try load(.train), try load(.validation)]
    #expect(parts[1].images.count == 11)
    #expect(names(parts[0]).isDisjoint(with: names(parts[1])))
    let skipped = parts.flatMap(\.skipped)
    #expect(skipped.count == 90 && Set(skipped.map(\.file)).count == 90)
    #expect(parts.map { $0.images.count + $0.skipped.count }.reduce(0, +) == 300)
    #expect(parts.map { $0.issues[.missingImage] } == parts.map(\.skipped.count))
  }

  /// A split of which nothing is missing is the same where missing files are an error.
  @Test func aMissingFileIsAnErrorInItsPart() throws {
    try write(40) { $0 != "7.png" }
    let parts = [try load(.train), try load(.validation)]
    for part in parts {
      if let missing = part.skipped.first {
        #expect(message { try load(part.split, .fail) }.hasPrefix("\(missing.file): the file is missing"))
      } else {
        #expect(names(try load(part.split, .fail)) == names(part))
      }
    }
    #expect(parts.flatMap(\.skipped).count == 1)
  }

  @Test func oneImageIsTrainings() throws {
    try write(20) { $0 == "7.png" }
    #expect(names(try load(.train)) == ["7.png"])
    #expect(
      message { try load(.validation) }.hasSuffix(
        "nothing is left of the validation split: its images are too few to cut a validation split from; "
          + "19 image files are missing"))
  }
}
