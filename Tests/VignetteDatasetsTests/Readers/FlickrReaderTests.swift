import FoundationEssentials
import VignetteDatasets
import Testing
import VignetteTestSupport

@Suite struct FlickrReaderTests {
  private static let tokens = """
    a.jpg#0\tA dog , running .
    a.jpg#1\tA "brown" dog
    b.jpg.1#0\tpeople waiting
    b.jpg.1#1\tthe subway
    c.jpg#0\tA # cat\twith a tab\r
    d.jpg#0\tA bird
    """
  private static let csv = """
    image,caption
    a.jpg,"A dog , running ."
    a.jpg,"A ""brown"" dog"
    b.jpg,people waiting
    b.jpg,the subway
    c.jpg,A # cat\twith a tab\r
    d.jpg,A bird
    """
  private static let karpathy = """
    {"images": [
      {"sentids": [10], "imgid": 0, "sentences": [{"tokens": ["a"], "raw": "A bird", "imgid": 0, "sentid": 10}],
       "split": "train", "filename": "d.jpg"},
      {"imgid": 1, "sentences": [{"raw": "A dog , running .", "sentid": 11}, {"raw": "A \\"brown\\" dog", "sentid": 12}],
       "split": "train", "filename": "a.jpg"},
      {"imgid": 2, "sentences": [{"raw": "A # cat\\twith a tab", "sentid": 13}], "split": "val", "filename": "c.jpg"}
     ], "dataset": "flickr8k"}
    """
  private static let train = [
    ["a.jpg", "A dog , running ."], ["a.jpg", "A \"brown\" dog"], ["d.jpg", "A bird"],
  ]
  private static let validation = [["c.jpg", "A # cat\twith a tab"]]

  /// Every form of Flickr8k gives the same captions for each split.
  @Test(arguments: [
    (DatasetKind.flickr8k, "Flickr8k_text/Flickr8k.token.txt", tokens),
    (.flickr8k, "captions.txt", csv),
    (.karpathy, "dataset_flickr8k.json", karpathy),
  ])
  func readsEveryForm(kind: DatasetKind, name: String, text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: name)
    try folder.write("a.jpg\nd.jpg\n", to: "Flickr8k_text/Flickr_8k.trainImages.txt")
    try folder.write("c.jpg\r\n", to: "Flickr8k_text/Flickr_8k.devImages.txt")
    try folder.touch("Images/a.jpg", "Images/b.jpg", "Images/c.jpg", "Images/d.jpg")
    let train = try folder.dataset(kind, .train)
    #expect(train.pairs.sorted { $0[0] < $1[0] } == Self.train)
    #expect(train.images.first { $0.fileName == "a.jpg" }?.path == "\(folder.url.path)/Images/a.jpg")
    #expect(try folder.dataset(kind, .validation).pairs == Self.validation)
    #expect(message { try folder.dataset(kind, .test) }.contains("test split"))
  }

  @Test(arguments: [("Flickr8k.token.txt", tokens, 2), ("captions.txt", csv, 0)])
  func withoutListsEveryImageCounts(name: String, text: String, repaired: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: name)
    try folder.touch("Flicker8k_Dataset/b.jpg", "Flicker8k_Dataset/a.jpg")
    try folder.touch("Flicker8k_Dataset/c.jpg", "Flicker8k_Dataset/d.jpg")
    let splits = try [DatasetSplit.train, .validation].map { try folder.dataset(.flickr8k, $0) }
    #expect(splits.map(\.images.count) == [3, 1])
    #expect(Set(splits.flatMap(\.images).map(\.fileName)) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"])
    #expect(splits[0].issues[.repairedLine] == repaired)
  }

  @Test func namesOfAListWithoutCaptionsAreCounted() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.csv, to: "captions.txt")
    try folder.write("a.jpg\nz.jpg\n", to: "Flickr_8k.trainImages.txt")
    try folder.touch("Images/a.jpg")
    let dataset = try folder.dataset(.flickr8k)
    #expect(dataset.issues.examples == [.imageWithoutCaptions: ["z.jpg"]])
  }

  /// What training has isn't measured on.
  @Test func anImageOfTwoListsIsOfTheEarlier() throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.csv, to: "captions.txt")
    try folder.write("a.jpg\nb.jpg\n", to: "Flickr_8k.trainImages.txt")
    try folder.write("b.jpg\nc.jpg\n", to: "Flickr_8k.devImages.txt")
    try folder.write("a.jpg\nc.jpg\nd.jpg\n", to: "Flickr_8k.testImages.txt")
    try folder.touch("Images/a.jpg", "Images/b.jpg", "Images/c.jpg", "Images/d.jpg")
    let splits = try DatasetSplit.allCases.map { try folder.dataset(.flickr8k, $0) }
    #expect(splits.map { $0.images.map(\.fileName) } == [["a.jpg", "b.jpg"], ["c.jpg"], ["d.jpg"]])
    #expect(
      splits.map(\.issues.notes) == [
        [], ["1 image that an earlier split lists too (left out of this one): b.jpg"],
        ["2 images that an earlier split lists too (left out of this one): a.jpg, c.jpg"],
      ])
  }

  @Test(arguments: [
    ("results_20130124.token", "1.jpg#0\tA dog runs across the grass .\n2.jpg#0\tTwo | bars \"x\"\n", 0),
    (
      "results.csv",
      "image_name| comment_number| comment\n1.jpg| 4   A dog runs across the grass .\n2.jpg| 0| Two | bars \"x\"\n",
      1
    ),
  ])
  func readsFlickr30k(name: String, text: String, repaired: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: name)
    try folder.touch("flickr30k_images/flickr30k_images/1.jpg", "flickr30k_images/flickr30k_images/2.jpg")
    let splits = try [DatasetSplit.train, .validation].map { try folder.dataset(.flickr30k, $0) }
    #expect(
      splits.flatMap(\.pairs).sorted { $0[0] < $1[0] }
        == [["1.jpg", "A dog runs across the grass ."], ["2.jpg", "Two | bars \"x\""]])
    #expect(splits[0].issues[.repairedLine] == repaired)
  }

  @Test func readsKarpathysCOCO() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"images": [
        {"filepath": "val2014", "filename": "x.jpg", "imgid": 0, "cocoid": 391895, "split": "restval",
         "sentences": [{"raw": "A man", "sentid": 770337}]},
        {"filepath": "train2014", "filename": "y.jpg", "imgid": 1, "cocoid": 5, "split": "train",
         "sentences": [{"raw": "A cat", "sentid": 1}]},
        {"filepath": "val2014", "filename": "z.jpg", "imgid": 2, "cocoid": 6, "split": "test",
         "sentences": [{"raw": "A tree", "sentid": 2}]}], "dataset": "coco"}
      """, to: "dataset_coco.json")
    try folder.touch("val2014/x.jpg", "train2014/y.jpg", "val2014/z.jpg")
    let train = try folder.dataset(.karpathy)
    #expect(train.rows.map(\.imageID) == [391895, 5])
    #expect(train.rows.map(\.captionID) == [770337, 1])
    #expect(train.rows[1].imagePath.hasSuffix("/train2014/y.jpg"))
    #expect(try folder.dataset(.karpathy, .test).pairs == [["z.jpg", "A tree"]])
  }

  /// Ids may be strings in every list.
  @Test func karpathysIdsMayBeStrings() throws {
    let folder = try TemporaryFolder()
    let images = [("\"a\"", "\"7\""), ("\"12\"", "\"x\""), ("13", "8")].map { image, sentence in
      #"{"filename": "\#(image.filter { $0 != "\"" }).jpg", "split": "train", "imgid": \#(image), "sentences": "#
        + #"[{"raw": "a tree", "sentid": \#(sentence)}]}"#
    }
    try folder.write("{\"images\": [\(images.joined(separator: ","))]}", to: "dataset.json")
    let read = try folder.dataset(.karpathy) {
      $0.missingImages = .ignore
      $0.validationFraction = 0
    }
    #expect(
      read.images.map(\.id) == ["a", 12, 13] && read.images.flatMap(\.captions).map(\.id) == [7, 1, 8])
  }

  @Test(arguments: [
    (
      DatasetKind.flickr8k, "Flickr8k.token.txt", "a.jpg#0\tfine\nno tab\n",
      ":2: expected name#number, a tab and a caption"
    ),
    (
      .flickr8k, "captions.txt", "image,caption\na.jpg,one,two\n",
      ":2: expected an image and a caption, found 3"
    ),
    (.flickr8k, "captions.txt", "image,caption\na.jpg,\"open\n\n", ":2: a quoted field has no end"),
    (.flickr8k, "captions.txt", "image,caption\n,one\n", ":2: the name of the image file is empty"),
    (.flickr8k, "Flickr8k.token.txt", "#0\tone\n", ":1: the name of the image file is empty"),
    (.flickr30k, "results.csv", " | 0| one\n", ":1: the name of the image file is empty"),
    (
      .karpathy, "dataset.json", "{\"images\": [{\"filename\": \" \", \"split\": \"train\"}]}",
      ": images[0].filename: there is none of use"
    ),
    (
      .flickr30k, "results.csv", "image_name| comment_number| comment\na.jpg| x\n",
      ":2: expected image| number"
    ),
    (
      .karpathy, "dataset.json", "{\"images\": [{\"split\": \"train\", \"sentences\": [{\"raw\": 3}]}]}",
      ": images[0].sentences[0].raw: expected a string, found 3"
    ),
    (
      .karpathy, "dataset.json", "{\"images\": [{\"filename\": \"a\", \"split\": \"x\"}]}",
      ": images[0].split: "
    ),
    (.karpathy, "dataset.json", "{\"images\": [\n{]}", ":2:2: this is not JSON"),
    (.karpathy, "dataset.json", "{}", ": images: there is none"),
  ])
  func saysWhatIsWrong(kind: DatasetKind, name: String, text: String, expected: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: name)
    let message = message { try folder.dataset(kind) }
    #expect(message.contains("\(name)\(expected)"), "\(message)")
  }
}
