import VignetteDatasets
import Foundation
import VignetteImages
import VignetteTestSupport
import Testing

@Suite struct DemoDatasetTests {
  private static func options(_ change: (inout DemoDataset.Options) -> Void = { _ in }) -> DemoDataset.Options
  {
    var options = DemoDataset.Options()
    options.trainScenes = 300
    options.validationScenes = 60
    change(&options)
    return options
  }

  @Test(arguments: [(4, 4, 2), (2, 2, 1), (6, 6, 3), (3, 5, 3)])
  func validationShowsOnlyUnseenCombinationsOfSeenObjects(colours: Int, shapes: Int, relations: Int) throws {
    let demo = try DemoDataset(
      Self.options {
        ($0.colours, $0.shapes, $0.relations) = (colours, shapes, relations)
        $0.trainScenes = 10_000
      })
    let (train, heldOut) = (Set(demo.scenes(.train)), Set(demo.scenes(.validation)))
    #expect(train == Set(demo.trainCombinations))
    #expect(!heldOut.isEmpty && heldOut.isSubset(of: demo.heldOutCombinations))
    #expect(train.isDisjoint(with: heldOut))
    for scene in heldOut {
      #expect(train.contains { $0.first == scene.first && $0.relation == scene.relation })
      #expect(train.contains { $0.second == scene.second && $0.relation == scene.relation })
    }
    let objects = train.flatMap { [$0.first, $0.second] }
    #expect(Set(objects).count == colours * shapes)
  }

  @Test func everyCaptionMeansItsScene() throws {
    let demo = try DemoDataset(Self.options { ($0.colours, $0.shapes, $0.relations) = (6, 6, 3) })
    for scene in demo.trainCombinations + demo.heldOutCombinations {
      #expect(Set(scene.captions).count == 5)
      for caption in scene.captions {
        #expect(SceneCaptionChecker.meaning(of: caption) == scene, "\(caption)")
        #expect(SceneCaptionChecker.check(caption, against: scene).isCorrect)
      }
    }
  }

  private static let scene = Scene(SceneObject(.red, .circle), .leftOf, SceneObject(.blue, .square))

  @Test(arguments: [
    ("A red circle to the left of a blue square.", true, true),
    ("a blue square to the right of a red circle", true, true),
    ("a blue square with a red circle to its left", true, true),
    ("a blue square and, to the left of it, a red circle", true, true),
    ("a red circle is to the right of a blue square", true, false),
    ("a red circle above a blue square", true, false),
    ("the image shows a red circle with a blue square to its left", true, false),
    ("a red square to the left of a blue circle", false, false),
    ("a green circle to the left of a blue square", false, false),
    ("a red circle and a blue square", true, false),
    ("a red circle to the left of a blue square above it", true, false),
    ("a red circle to the left of a blue square and a green star", false, false),
    ("a red circle", false, false),
    ("red red red circle left of of blue square", false, false),
    ("a circle left of a blue square", false, false),
    ("left a red circle a blue square", true, false),
    ("", false, false),
  ])
  func checksMeanings(caption: String, objects: Bool, relation: Bool) {
    let verdict = SceneCaptionChecker.check(caption, against: Self.scene)
    #expect(verdict.hasObjects == objects && verdict.hasRelation == relation)
    #expect(verdict.isCorrect == (objects && relation))
  }

  @Test func writesACOCOFolder() throws {
    let folder = try TemporaryFolder()
    let demo = try DemoDataset(Self.options { $0.relations = 3 })
    var last = 0
    try demo.write(to: folder.url) { done, total in
      #expect(done == last + 1 && total == 360)
      last = done
    }
    #expect(last == 360)
    for (split, count) in [(DatasetSplit.train, 300), (.validation, 60)] {
      let dataset = try folder.dataset(.coco, split)
      let scenes = try #require(try DemoDataset.scenes(in: folder.url, split))
      #expect(dataset.images.count == count && dataset.captionCount == 5 * count && scenes.count == count)
      #expect(dataset.issues.isEmpty)
      #expect(dataset.images.map { scenes[$0.id] } == demo.scenes(split))
      for image in dataset.images {
        let scene = try #require(scenes[image.id])
        #expect(image.captions.map(\.text) == scene.captions)
        let decoded = try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: image.path))
        #expect(decoded.width == 48 && decoded.height == 48)
      }
    }
  }

  /// The centres of the drawn colours lie as the relation says.
  @Test func drawsWhatTheCaptionSays() throws {
    let folder = try TemporaryFolder()
    let demo = try DemoDataset(Self.options { $0.relations = 3 })
    try demo.write(to: folder.url)
    let scenes = try #require(try DemoDataset.scenes(in: folder.url, .train))
    for image in try folder.dataset(.coco).images {
      let scene = try #require(scenes[image.id])
      guard scene.first.colour != scene.second.colour else { continue }
      let decoded = try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: image.path))
      let first = try #require(centre(of: scene.first.colour, in: decoded), "\(scene)")
      let second = try #require(centre(of: scene.second.colour, in: decoded), "\(scene)")
      switch scene.relation {
      case .leftOf: #expect(first.x + 10 < second.x)
      case .above: #expect(first.y + 10 < second.y)
      case .inside: #expect(abs(first.x - second.x) < 6 && abs(first.y - second.y) < 6)
      }
    }
  }

  private func centre(of colour: SceneColour, in image: RGBImage) -> (x: Double, y: Double)? {
    let expected: [Int] =
      switch colour {
      case .red: [210, 40, 40]
      case .green: [40, 150, 60]
      case .blue: [45, 80, 205]
      case .yellow: [235, 205, 40]
      case .purple: [135, 50, 160]
      case .orange: [240, 130, 30]
      }
    var (x, y, count) = (0, 0, 0)
    for pixel in 0..<image.width * image.height {
      let isNear = (0..<3).allSatisfy { abs(Int(image.pixels[3 * pixel + $0]) - expected[$0]) <= 13 }
      guard isNear else { continue }
      x += pixel % image.width
      y += pixel / image.width
      count += 1
    }
    return count < 30 ? nil : (Double(x) / Double(count), Double(y) / Double(count))
  }

  @Test func theSeedDecidesEverything() throws {
    let folder = try TemporaryFolder()
    func write(_ seed: UInt64) throws -> [Data] {
      let url = folder.url.appendingPathComponent("\(seed)-\(UUID().uuidString)")
      try DemoDataset(Self.options { $0.seed = seed }).write(to: url)
      let names = ["scenes.jsonl", "annotations/captions_train2017.json", "train2017/000000000007.png"]
      return try names.map { try Data(contentsOf: url.appendingPathComponent($0)) }
    }
    let first = try write(1)
    #expect(try write(1) == first)
    #expect(try write(2) != first)
  }

  /// The files of a folder.
  private func contents(_ folder: TemporaryFolder) throws -> [String: Data] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
    let files = names.map { ($0, try? Data(contentsOf: folder.url.appendingPathComponent($0))) }
    return Dictionary(uniqueKeysWithValues: files).compactMapValues(\.self)
  }

  /// A folder that was drawn into twice is as if it had been drawn into once.
  @Test func drawingAgainRemovesTheEarlierDemo() throws {
    let (folder, once) = (try TemporaryFolder(), try TemporaryFolder())
    let large = try DemoDataset(Self.options())
    let small = try DemoDataset(Self.options { ($0.trainScenes, $0.validationScenes) = (5, 3) })
    try small.write(to: once.url)
    let expected = try contents(once)
    #expect(expected.count == 5 + 3 + 2 + 1)
    try large.write(to: folder.url)
    try small.write(to: folder.url)
    #expect(try contents(folder) == expected)

    // As if the drawing had been killed.
    try large.write(to: folder.url)
    for name in ["annotations", "val2017/000000000310.png"] {
      try FileManager.default.removeItem(at: folder.url.appendingPathComponent(name))
    }
    try small.write(to: folder.url)
    #expect(try contents(folder) == expected)
  }

  /// Nothing is written where something of another data set would be lost or no longer be found.
  @Test(arguments: [
    "annotations/captions_train2017.json", "annotations/captions_val2014.json", "scenes.jsonl",
    "train2017/000000000007.png",
  ])
  func anotherDataSetIsRefused(name: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(#"{"info": {"description": "COCO 2017 Dataset"}}"#, to: name)
    let before = try contents(folder)
    #expect(
      message { try DemoDataset(Self.options()).write(to: folder.url) }
        == "\(file.path): this is another data set's and would be lost; give a folder of its own to draw into"
    )
    #expect(try contents(folder) == before)
  }

  @Test func anotherDataSetBesideADemoIsRefused() throws {
    let folder = try TemporaryFolder()
    try DemoDataset(Self.options()).write(to: folder.url)
    let file = try folder.write("{}", to: "annotations/captions_val2017.json")
    let before = try contents(folder)
    let message = message { try DemoDataset(Self.options()).write(to: folder.url) }
    #expect(message.hasPrefix("\(file.path): "), "\(message)")
    #expect(try contents(folder) == before)
  }

  /// What is said of a demo is true of the images that are drawn.
  @Test(arguments: [
    (10_000, 500, "10000 + 500 images; 408 combinations in training, 72 others in validation"),
    (3, 2, "3 + 2 images; 3 combinations in training, 2 others in validation"),
    (1, 1, "1 + 1 images; 1 combination in training, 1 other in validation"),
  ])
  func theSummaryCountsWhatIsDrawn(train: Int, validation: Int, expected: String) throws {
    let demo = try DemoDataset(Self.options { ($0.trainScenes, $0.validationScenes) = (train, validation) })
    #expect(demo.summary == expected)
  }

  @Test func objectsThatTrainingLacksAreTold() throws {
    let few = try DemoDataset(Self.options { $0.trainScenes = 1 })
    let note = try #require(few.unseenObjectsNote)
    #expect(
      note.hasSuffix(" in validation's images but not in training's; 408 training images would show all"))
    let enough = try DemoDataset(Self.options { $0.trainScenes = 408 })
    #expect(enough.unseenObjectsNote == nil)
  }

  @Test(arguments: [
    (DemoDataset.Options(colours: 7), "`colours` must be from 2 to 6, not 7"),
    (DemoDataset.Options(imageSize: 4), "`image_size` must be from 16 to 1024, not 4"),
    (DemoDataset.Options(trainScenes: 0), "`train_scenes` must be from 1 to 1000000, not 0"),
  ])
  func optionsAreValidated(options: DemoDataset.Options, expected: String) {
    #expect(message { try DemoDataset(options) } == expected)
  }
}

extension DemoDataset.Options {
  init(colours: Int = 4, imageSize: Int = 48, trainScenes: Int = 10) {
    self.init()
    (self.colours, self.imageSize, self.trainScenes) = (colours, imageSize, trainScenes)
  }
}
