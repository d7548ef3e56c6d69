import VignetteFiles
import VignetteDatasets
import Foundation
import Testing
import VignetteTestSupport

@Suite struct COCOReaderTests {
  private static let captions = """
    {"info": {"year": 2017}, "licenses": [1.5e3, null, true, "\\u00e9\\""],
     "images": [
      {"license": 3, "file_name": "000000000009.jpg", "coco_url": "http://x/9.jpg", "height": 480, "width": 640, "id": 9},
      {"file_name": "000000000025.jpg", "id": 25, "height": null}
     ],
     "annotations": [
      {"image_id": 25, "id": 7, "caption": "A giraffe.\\n"},
      {"image_id": 9, "id": 3, "caption": "Caf\\u00e9 \\ud83d\\ude00"},
      {"image_id": 25, "id": 4, "caption": " Two giraffes "}
     ]}
    """

  private func folder(_ captions: String = captions, year: Int = 2017) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(captions, to: "annotations/captions_train\(year).json")
    try folder.touch("train\(year)/000000000009.jpg", "train\(year)/000000000025.jpg")
    return folder
  }

  private func read(_ captions: String) throws -> CaptionDataset {
    try folder(captions).dataset(.coco, .train) {
      $0.annotations = $0.folder.appendingPathComponent("annotations/captions_train2017.json")
    }
  }

  @Test(arguments: [2017, 2014])
  func readsRowsInTheOrderOfTheAnnotations(year: Int) throws {
    let folder = try folder(year: year)
    try folder.write(Self.captions, to: "annotations/captions_val\(year).json")
    try folder.touch("val\(year)/000000000009.jpg", "val\(year)/000000000025.jpg")
    for (split, name) in [(DatasetSplit.train, "train"), (.validation, "val")] {
      let dataset = try folder.dataset(.coco, split)
      #expect(dataset.rows.map(\.captionID) == [7, 3, 4])
      #expect(dataset.rows.map(\.imageID) == [25, 9, 25])
      #expect(dataset.rows.map(\.caption) == ["A giraffe.\n", "Café 😀", " Two giraffes "])
      #expect(dataset.images.map(\.id) == [9, 25])
      #expect(dataset.images[1].captions.map(\.trimmedText) == ["A giraffe.", "Two giraffes"])
      let row = dataset.rows[1]
      #expect(row.height == 480 && row.width == 640 && row.cocoURL == "http://x/9.jpg")
      #expect(row.imagePath == "\(folder.url.path)/\(name)\(year)/000000000009.jpg")
      #expect(dataset.rows[0].height == nil)
      #expect(dataset.issues.isEmpty && dataset.skipped.isEmpty)
    }
  }

  @Test func aRowHasTheLoadersFields() throws {
    let row = try read(Self.captions).rows[1]
    let expected = """
      {"image_id": 9, "caption_id": 3, "caption": "Caf\\u00e9 \\ud83d\\ude00", "height": 480, "width": 640, \
      "file_name": "000000000009.jpg", "coco_url": "http://x/9.jpg", "image_path": "\(row.imagePath)"}
      """
    #expect(row.json.text(.oneLine) == expected)
  }

  @Test func readsTheListsInEitherOrder() throws {
    let dataset = try read(
      """
      {"annotations": [{"image_id": 9, "id": 3, "caption": "a"}],
       "images": [{"file_name": "000000000009.jpg", "id": 9}]}
      """)
    #expect(dataset.pairs == [["000000000009.jpg", "a"]])
  }

  @Test func aTestSetHasRowsWithoutCaptions() throws {
    let folder = try folder()
    try folder.write(
      #"{"images": [{"file_name": "1.jpg", "id": 1}, {"file_name": "2.jpg", "id": 2}]}"#,
      to: "annotations/image_info_test2017.json")
    try folder.touch("test2017/1.jpg", "test2017/2.jpg")
    let dataset = try folder.dataset(.coco, .test)
    #expect(!dataset.hasCaptions && dataset.captionCount == 0)
    #expect(dataset.rows.map(\.imageID) == [1, 2])
    #expect(dataset.rows[0].caption == nil && dataset.rows[0].captionID == nil)
    #expect(try folder.dataset(.coco, .test) { $0.maxSamples = 1 }.images.count == 1)
  }

  @Test func countsWhatIsOdd() throws {
    let long = String(repeating: "word ", count: 10_000)
    let dataset = try read(
      """
      {"images": [{"file_name": "000000000009.jpg", "id": 9}, {"file_name": "000000000025.jpg", "id": 25},
                  {"file_name": "again.jpg", "id": 9}, {"file_name": "bare.jpg", "id": 30}],
       "annotations": [{"image_id": 9, "id": 1, "caption": " \\n"}, {"image_id": 9, "id": 2, "caption": "\(long)"},
                       {"image_id": 77, "id": 3, "caption": "lost"}, {"image_id": 25, "id": 2, "caption": "b"}]}
      """)
    #expect(dataset.pairs == [["000000000009.jpg", long], ["000000000025.jpg", "b"]])
    #expect(
      dataset.issues.counts == [
        .emptyCaption: 1, .longCaption: 1, .captionOfUnknownImage: 1, .repeatedImageID: 1,
        .repeatedCaptionID: 1, .imageWithoutCaptions: 1,
      ])
    #expect(dataset.issues.examples[.captionOfUnknownImage] == ["caption 3 of image 77"])
    #expect(dataset.issues.description.contains("1 image without captions (dropped): bare.jpg"))
  }

  @Test(arguments: [
    ("{\"images\": [\n  {\"id\": 1,}]}", ":2:12: this is not JSON: expected a key in double quotes"),
    ("<html>", ":1:1: this is not JSON: expected a value"),
    ("", ":1:1: this is not JSON: expected a value, but the text ends here"),
    ("{\"images\": []} x", ":1:16: this is not JSON: expected the end of the text"),
    ("{\"images\": [], \"a\": \"é\n\"}", ":1:23: this is not JSON: a control character inside a string"),
    ("{\"images\": [], \"a\": \"", "this is not JSON: a string has no end, but the text ends here"),
    ("{\"images\": [], \"a\": 01}", "this is not JSON: a number starts with 0"),
    (String(repeating: "[", count: 300), ":1:257: this is not JSON: more than 256 containers"),
    ("{\"im\\u0061ges\": 7}", ": images: expected a list, found 7"),
    ("{\"images\": [], \"a\": \"\\ud800\"}", "this is not JSON: half of a surrogate pair"),
    (
      "{\"images\": [], \"a\": \(String(repeating: "[", count: 300))",
      "more than 256 containers inside each other"
    ),
    ("[1]", ":1:1: expected an object, found [1]"),
    ("{}", ": images: there is none; this is no COCO captions file"),
    ("{\"images\": 7}", ": images: expected a list, found 7"),
    ("{\"images\": [{\"id\": 1}]}", ": images[0].file_name: there is none, but it is needed"),
    (
      "{\"images\": [{\"id\": 1, \"file_name\": \"\"}]}",
      ": images[0].file_name: there is none, but it is needed"
    ),
    (
      "{\"images\": [{\"id\": [1], \"file_name\": \"a\"}]}",
      ": images[0].id: expected an integer, found [1]"
    ),
    ("{\"images\": [{\"id\": 1.5}]}", ": images[0].id: expected an integer, found 1.5"),
    (
      "{\"images\": [{\"id\": 99999999999999999999}]}",
      ": images[0].id: expected an integer, found 99999999999999999999"
    ),
    (
      "{\"images\": [], \"annotations\": [{\"id\": 1, \"image_id\": 2, \"caption\": 5}]}",
      ": annotations[0].caption: expected a string, found 5"
    ),
    ("{\"images\": [], \"annotations\": [{\"id\": 1}, 3]}", ": annotations[0].image_id: there is none"),
    ("{\"images\": [], \"annotations\": [3]}", ": annotations[0]: expected an object, found 3"),
    ("{\"images\": []}", ": annotations: there is none; a train split has captions"),
    ("{\"images\": [], \"annotations\": []}", "nothing is left of the train split: it lists no images"),
  ])
  func saysWhatIsWrong(text: String, expected: String) throws {
    let message = message { try read(text) }
    #expect(message.contains(expected), "\(message)")
    #expect(message.contains("captions_train2017.json"))
  }

  @Test func saysThatATextIsNotUnicode() throws {
    let folder = try folder()
    var bytes = Array(#"{"images": [], "annotations": [{"caption": "x"}]}"#.utf8)
    bytes[bytes.count - 5] = 0xFF
    try folder.write(Data(bytes), to: "annotations/captions_train2017.json")
    let message = message { try folder.dataset(.coco, .train) { $0.validationFraction = 0.5 } }
    #expect(message.hasSuffix(":1:45: this is not JSON: the string is not valid UTF-8"), "\(message)")
  }

  /// No damage to any byte, and no end anywhere, does more than throw.
  @Test func damageNeverTraps() throws {
    let folder = try folder()
    let url = folder.url.appendingPathComponent("annotations/captions_train2017.json")
    let bytes = Array(Self.captions.utf8)
    let file = try FileHandle(forUpdating: url)
    func put(_ byte: UInt8, at position: Int) throws {
      try file.seek(toOffset: UInt64(position))
      try file.write(contentsOf: Data([byte]))
    }
    for (position, byte) in bytes.enumerated() {
      for damage in [UInt8(ascii: "\""), UInt8(ascii: "9"), UInt8(ascii: "\\"), 0xC3] {
        try put(damage, at: position)
        _ = message { try folder.dataset(.coco) }
      }
      try put(byte, at: position)
    }
    for count in stride(from: bytes.count - 1, through: 0, by: -1) {
      try file.truncate(atOffset: UInt64(count))
      #expect(message { try folder.dataset(.coco) }.contains("this is not JSON"))
    }
  }

  @Test func missingImagesGoWithTheirCaptions() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.captions, to: "annotations/captions_train2017.json")
    try folder.write(Self.captions, to: "annotations/captions_val2017.json")
    let all = message { try folder.dataset(.coco) }
    #expect(all.contains("all 2 image files are missing, ") && all.contains("train2017/000000000009.jpg"))
    #expect(try folder.dataset(.coco) { $0.missingImages = .ignore }.captionCount == 3)

    try folder.touch("train2017/000000000009.jpg")
    let dataset = try folder.dataset(.coco)
    #expect(dataset.rows.map(\.captionID) == [3])
    #expect(dataset.issues[.missingImage] == 1)
    let path = folder.url.appendingPathComponent("train2017/000000000025.jpg").path
    #expect(dataset.skipped == [SkippedImage(file: path, reason: "the file is missing", captions: 2)])
    #expect(
      message { try folder.dataset(.coco) { $0.missingImages = .fail } }
        == "\(path): the file is missing; mend or remove it, or let bad images be skipped")
  }

  @Test func saysWhatIsExpectedWhereThereIsNothing() throws {
    let folder = try TemporaryFolder()
    #expect(
      message { try folder.dataset(.coco) }
        == "\(folder.url.path): a coco data set has annotations/captions_train2017.json or "
        + "annotations/captions_val2017.json or annotations/image_info_test2017.json or those of 2014 here; "
        + "found none")
    #expect(
      message { try folder.dataset(.coco) { $0.folder.append(path: "none") } }.contains("no such folder"))
    try folder.write(Self.captions, to: "annotations/captions_train2017.json")
    #expect(message { try folder.dataset(.coco, .test) }.contains("has no test split, only train"))
  }

  /// The images of a folder that is there and can't be listed aren't called missing.
  @Test func aFolderThatCannotBeReadIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.captions, to: "annotations/captions_train2017.json")
    let images = folder.url.appendingPathComponent("train2017").path
    // A link to itself can't be read even by root.
    try FileManager.default.createSymbolicLink(atPath: images, withDestinationPath: "train2017")
    let message = message { try folder.dataset(.coco) }
    #expect(message.hasPrefix("can't read the folder \(images): "), "\(message)")
  }

  @Test(.enabled(if: geteuid() != 0, "root may read everything"))
  func aForbiddenFolderIsNamed() throws {
    let folder = try folder()
    let images = folder.url.appendingPathComponent("train2017").path
    try #require(chmod(images, 0o000) == 0)
    defer { chmod(images, 0o700) }
    #expect(message { try folder.dataset(.coco) } == "can't read the folder \(images): Permission denied")
  }

  /// The years of the splits may differ, as long as none has another's images.
  @Test(arguments: [
    (["train2014", "val2017"], ["train2014", "val2017"]),
    (["train2017", "val2014"], ["train2017", "train2017"]),
    (["train2014", "val2014"], ["train2014", "val2014"]),
    (["train2014", "val2014", "train2017", "val2017"], ["train2017", "val2017"]),
  ])
  func eachSplitHasAYearOfItsOwn(parts: [String], expected: [String]) throws {
    let folder = try TemporaryFolder()
    for part in parts {
      try folder.write(Self.captions, to: "annotations/captions_\(part).json")
      try folder.touch("\(part)/000000000009.jpg", "\(part)/000000000025.jpg")
    }
    let files = try [DatasetSplit.train, .validation].map { try folder.dataset(.coco, $0).annotations }
    #expect(files == expected.map { "\(folder.url.path)/annotations/captions_\($0).json" })
  }

  @Test func anAbsoluteNameIsTakenAsItIs() throws {
    let images = try TemporaryFolder()
    try images.touch("a.jpg")
    let path = images.url.appendingPathComponent("a.jpg").path
    let dataset = try read(
      #"""
      {"images": [{"id": 1, "file_name": "\#(path)"}],
       "annotations": [{"image_id": 1, "id": 1, "caption": "a"}]}
      """#)
    #expect(dataset.images.map(\.path) == [path])
  }

  /// Scores need no files, and ids are ids, be they numbers or strings.
  @Test func referencesNeedNoFileNames() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      #"""
      {"images": [{"id": 1}, {"id": "2"}, {"id": "a/é", "file_name": null}],
       "annotations": [{"image_id": "1", "id": 1, "caption": "one"}, {"image_id": 2, "id": "x", "caption": "two"},
                       {"image_id": "a/é", "caption": "three"}]}
      """#, to: "references.json")
    func read(_ missing: DatasetOptions.MissingImages) throws -> CaptionDataset {
      try folder.dataset(.coco, .validation) {
        $0.annotations = file
        $0.missingImages = missing
      }
    }
    let dataset = try read(.ignore)
    #expect(dataset.images.map(\.id) == [1, 2, "a/é"])
    #expect(dataset.rows.map(\.caption) == ["one", "two", "three"])
    #expect(dataset.images.map { $0.id.json.text(.oneLine) } == ["1", "\"2\"", "\"a/\\u00e9\""])
    #expect(message { try read(.skip) }.contains("images[0].file_name: there is none, but it is needed"))
  }

  @Test func idsAreExact() {
    #expect(ImageID(7) == ImageID("7") && ImageID("7").hashValue == ImageID(7).hashValue)
    #expect(ImageID("07") != ImageID(7) && ImageID("+7") != ImageID("7"))
    #expect(ImageID("caf\u{E9}") != ImageID("cafe\u{301}"))
  }

  @Test func resultsKeepFileNames() throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("results.json")
    let images = [
      CaptionedImage(id: 3, fileName: "sub/a.png", path: "/sub/a.png"),
      CaptionedImage(id: "x", fileName: "b.png", path: "/b.png"),
    ]
    try COCOResults.write([(3, "a cat"), ("x", "a dog"), (9, "?")], of: images, to: file)
    #expect(
      try String(contentsOf: file, encoding: .utf8) == #"""
        [{"image_id": 3, "caption": "a cat", "file_name": "sub/a.png"}, \#
        {"image_id": "x", "caption": "a dog", "file_name": "b.png"}, {"image_id": 9, "caption": "?"}]

        """#)
    #expect(try COCOResults.read(file).map(\.image) == [3, "x", 9])
  }

  @Test func aFolderOfZipFilesIsToBeUnpacked() throws {
    let folder = try TemporaryFolder()
    try folder.touch("val2017.zip", "annotations_trainval2017.zip", "readme.txt")
    let message = message { try folder.dataset(.coco) }
    #expect(
      message.contains("found only zip files (annotations_trainval2017.zip, val2017.zip)"), "\(message)")
    #expect(message.contains("`unzip annotations_trainval2017.zip`"))
  }

  @Test func theFirstRowsAreThoseOfTheFile() throws {
    let dataset = try folder().dataset(.coco) {
      $0.annotations = $0.folder.appendingPathComponent("annotations/captions_train2017.json")
      $0.maxSamples = 2
    }
    #expect(dataset.rows.map(\.captionID) == [7, 3])
    #expect(dataset.images.map { $0.captions.map(\.id) } == [[3], [7]])
  }
}
