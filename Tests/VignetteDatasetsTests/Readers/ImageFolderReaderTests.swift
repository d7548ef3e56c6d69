import FoundationEssentials
import VignetteDatasets
import Testing
import VignetteTestSupport

@Suite struct ImageFolderReaderTests {
  @Test(arguments: [
    ("metadata.jsonl", #"{"file_name": "a.png", "text": "one"}"#, ["one"]),
    ("metadata.jsonl", #"{"file_name": "a.png", "caption": "one"}"#, ["one"]),
    ("metadata.jsonl", #"{"file_name": "a.png", "captions": ["one", "two"]}"#, ["one", "two"]),
    ("metadata.jsonl", #"{"file_name": "a.png", "caption_0": "one", "caption_1": "two"}"#, ["one", "two"]),
    (
      "metadata.jsonl",
      #"{"file_name": "a.png", "text": "one"}"# + "\n" + #"{"file_name": "a.png", "text": "two"}"#,
      ["one", "two"]
    ),
    ("metadata.csv", "file_name,text\na.png,\"one, 1\"\n", ["one, 1"]),
    ("metadata.csv", "id,caption,file_name\n3,one,a.png\n4,two,a.png", ["one", "two"]),
    ("metadata.csv", "file_name,captions\na.png,\"[\"\"one\"\", \"\"two\"\"]\"\n", ["one", "two"]),
    (
      "metadata.csv", "\u{FEFF}file_name,caption_0,caption_1\r\na.png,one,\"two\nlines\"\r\n",
      ["one", "two\nlines"]
    ),
  ])
  func readsEverySpelling(name: String, text: String, expected: [String]) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "train/\(name)")
    try folder.write(text, to: "validation/\(name)")
    try folder.touch("train/a.png", "validation/a.png")
    for split in [DatasetSplit.train, .validation] {
      let dataset = try folder.dataset(.imagefolder, split)
      #expect(dataset.rows.map(\.caption) == expected)
      #expect(dataset.images.map(\.path) == ["\(folder.url.path)/\(split.rawValue)/a.png"])
    }
  }

  @Test func splitsByColumnAndByFolder() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"file_name": "x.png", "text": "x", "split": "dev"}
      {"file_name": "test/y.png", "text": "y"}
      {"file_name": "sub/z.png", "text": "z"}
      """, to: "metadata.jsonl")
    try folder.touch("x.png", "test/y.png", "sub/z.png")
    let captions = try DatasetSplit.allCases.map { try folder.dataset(.imagefolder, $0).rows.map(\.caption) }
    #expect(captions == [["z"], ["x"], ["y"]])
  }

  /// Rows of a split that isn't known are no training rows, and are told of in every split.
  @Test(arguments: ["metadata.jsonl", "metadata.csv"])
  func rowsOfUnknownSplitsAreLeftOut(name: String) throws {
    let folder = try TemporaryFolder()
    let rows = ["vall", "train", "holdout", "dev", "", "vall", "Valid", "testing"].enumerated()
    let lines =
      name.hasSuffix("csv")
      ? ["file_name,text,split"] + rows.map { "\($0).png,x,\($1)" }
      : rows.map { #"{"file_name": "\#($0).png", "text": "x", "split": "\#($1)"}"# }
    try folder.write(lines.joined(separator: "\n"), to: name)
    let datasets = try DatasetSplit.allCases.map { split in
      try folder.dataset(.imagefolder, split) { $0.missingImages = .ignore }
    }
    #expect(
      datasets.map { $0.images.map(\.fileName) } == [["1.png", "4.png"], ["3.png", "6.png"], ["7.png"]])
    for dataset in datasets {
      #expect(
        dataset.issues.notes == [
          "3 rows of splits other than train, validation and test (left out): vall (2 times), holdout"
        ])
    }
  }

  /// One image is one image, however its name is spelled.
  @Test func spellingsOfOneImage() throws {
    let folder = try TemporaryFolder()
    let names = [
      "a.png", "./a.png", ".//a.png", "\(folder.url.path)/./a.png", "test/./b.png", "./test//b.png",
    ]
    let lines = names.map { #"{"file_name": "\#($0)", "text": "x"}"# }
    try folder.write(lines.joined(separator: "\n"), to: "metadata.jsonl")
    try folder.touch("a.png", "test/b.png")
    let train = try folder.dataset(.imagefolder) { $0.validationFraction = 0 }
    #expect(train.images.map(\.path) == ["\(folder.url.path)/a.png"] && train.captionCount == 4)
    let test = try folder.dataset(.imagefolder, .test)
    #expect(test.images.map(\.fileName) == ["test/b.png"] && test.captionCount == 2)
  }

  @Test func anAbsoluteNameIsTakenAsItIs() throws {
    let (folder, images) = (try TemporaryFolder(), try TemporaryFolder())
    try images.touch("a.png")
    let path = images.url.appendingPathComponent("a.png").path
    try folder.write("file_name,text\n\(path),x\n", to: "metadata.csv")
    let dataset = try folder.dataset(.imagefolder) { $0.validationFraction = 0 }
    #expect(dataset.images.map(\.path) == [path] && dataset.issues.isEmpty)
  }

  /// Of two metadata files in one folder, the one that isn't read is named.
  @Test(arguments: ["", "train/"])
  func aFileThatIsPassedOverIsTold(place: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(#"{"file_name": "a.png", "text": "x"}"#, to: "\(place)metadata.jsonl")
    let other = try folder.write("file_name,text\na.png,y\n", to: "\(place)metadata.csv")
    let dataset = try folder.dataset(.imagefolder) {
      $0.missingImages = .ignore
      $0.validationFraction = 0
    }
    #expect(dataset.pairs == [["a.png", "x"]])
    #expect(dataset.issues.examples == [.ignoredFile: [other.path]])
  }

  @Test func saysWhatIsExpectedWhereThereIsNothing() throws {
    let folder = try TemporaryFolder()
    #expect(
      message { try folder.dataset(.imagefolder) }
        == "\(folder.url.path): an imagefolder data set has metadata.jsonl or metadata.csv or "
        + "train/metadata.jsonl here; found none")
  }

  /// Numbers count wherever they are written as such; else, and where two images would share one, places do.
  @Test(arguments: [
    (["7", "9"], [7, 9]), (["\"7\"", "9"], [7, 9]), (["\"a\"", "\"b\""], [0, 1]), (["5", "\"b\""], [5, 1]),
    (["1", "\"b\""], [0, 1]), (["3", "3"], [0, 1]), (["1.5", "null"], [0, 1]),
  ])
  func imageNumbers(ids: [String], expected: [Int]) throws {
    let folder = try TemporaryFolder()
    let lines = ids.enumerated().map { #"{"file_name": "\#($0).png", "image_id": \#($1), "text": "x"}"# }
    try folder.write(lines.joined(separator: "\n"), to: "json/metadata.jsonl")
    let records = ids.enumerated().map { "\($0).png,\($1.replacing("\"", with: "")),x" }
    try folder.write((["file_name,image_id,text"] + records).joined(separator: "\n"), to: "csv/metadata.csv")
    for form in ["json", "csv"] {
      let options = DatasetOptions(
        kind: .imagefolder, folder: folder.url.appendingPathComponent(form), split: .train,
        validationFraction: 0, missingImages: .ignore)
      #expect(try CaptionDataset(options).images.map(\.id) == expected.map { ImageID($0) }, "\(form)")
    }
  }

  @Test(arguments: [
    (
      "metadata.jsonl", "{\"file_name\": \"a\", \"text\": 5}",
      ":1: text: expected a caption or a list of captions"
    ),
    (
      "metadata.jsonl", "{\"file_name\": \"a\", \"text\": \"x\"}\n{\"text\": \"b\"}",
      ":2: file_name: expected a string"
    ),
    ("metadata.jsonl", "{\"file_name\": \"a\", \"text\": [1]}", ":1: text[0]: expected a string, found 1"),
    ("metadata.jsonl", "\nnonsense", ":2:1: this is not JSON: expected a value"),
    (
      "metadata.jsonl", "\u{FEFF}{\"file_name\": \"é.png\", \"text\": oops}",
      ":1:32: this is not JSON: expected a value"
    ),
    (
      "metadata.jsonl",
      "{\"file_name\": \"a\", \"text\": \"x\"}\n{\"file_name\": \"\", \"text\": \"b\"}",
      ":2: the name of the image file is empty; write one, or remove the row"
    ),
    ("metadata.csv", "file_name,text\na,b\n./,c\n", ":3: the name of the image file is empty"),
    ("metadata.jsonl", "\n", ": it holds no rows; a row names an image file and its captions"),
    ("metadata.csv", "", ": it holds no rows"),
    ("metadata.csv", "file_name,text\n", ": it holds no rows"),
    (
      "metadata.csv", "file_name,text,split\na,b,vall\nc,d,vall\n",
      ": no row is of use: 2 rows of splits other than train, validation and test (left out): vall (2 times)"
    ),
    (
      "metadata.csv", "name,text\na,b\n",
      ":1: expected the columns file_name and caption (or text), found name, text"
    ),
    ("metadata.csv", "file_name,text\na,b,c\n", ":2: expected 2 fields as in the header, found 3"),
  ])
  func saysWhatIsWrong(name: String, text: String, expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: name)
    let message = message { try folder.dataset(.imagefolder) }
    #expect(message.contains("\(name)\(expected)"), "\(message)")
  }

  /// The cut depends on the seed and the names alone, and its parts make up the whole.
  @Test func cutsValidationByImage() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<200).map { #"{"file_name": "\#($0).png", "captions": ["a", "b"]}"# }
    try folder.write(lines.joined(separator: "\n"), to: "metadata.jsonl")
    func names(_ split: DatasetSplit, seed: UInt64 = 42, fraction: Double = 0.1) throws -> [String] {
      let dataset = try folder.dataset(.imagefolder, split) {
        $0.missingImages = .ignore
        $0.validationSeed = seed
        $0.validationFraction = fraction
      }
      #expect(dataset.captionCount == 2 * dataset.images.count)
      return dataset.images.map(\.fileName)
    }
    let validation = try names(.validation)
    #expect(validation.count == 20)
    #expect(try names(.validation) == validation)
    #expect(try names(.validation, seed: 43) != validation)
    #expect(try Set(names(.validation, fraction: 0.2)).isSuperset(of: validation))
    #expect(try Set(names(.train)).union(validation).count == 200)
    #expect(try names(.train).count == 180)
    #expect(try names(.train, fraction: 0).count == 200)
    #expect(throws: DatasetError.self) { try names(.validation, fraction: 0) }
    let cut = try folder.dataset(.imagefolder, .validation) { $0.missingImages = .ignore }
    #expect(cut.validationFraction == 0.05)
  }

  @Test func optionsAreValidated() throws {
    let folder = try TemporaryFolder()
    #expect(message { try folder.dataset(.imagefolder) { $0.maxSamples = 0 } }.contains("at least 1"))
    #expect(
      message { try folder.dataset(.imagefolder) { $0.validationFraction = 1 } }.contains(
        "at least 0 and below 1"))
  }
}
