public import Foundation
import VignetteFiles

/// A caption data set that is drawn: images of two coloured shapes, each with five captions, in COCO's layout.
///
/// Validation shows only combinations of objects and relation that training never shows. Every object of them stands
/// in training on either side of every relation, if there is a training scene for each of ``trainCombinations``.
public struct DemoDataset: Sendable {
  /// How rich the scenes are, and how many.
  public struct Options: Sendable {
    /// The first so many of ``SceneColour``.
    public var colours = 4
    /// The first so many of ``SceneShape``.
    public var shapes = 4
    /// The first so many of ``SceneRelation``.
    public var relations = 2
    /// Width and height, in pixels.
    public var imageSize = 48
    public var trainScenes = 12_000
    public var validationScenes = 500
    /// The share of combinations that training doesn't show.
    public var heldOutFraction = 0.15
    public var seed: UInt64 = 0

    public init() {}

    /// - Throws: `SettingError`.
    public func validate() throws {
      func check(_ setting: Setting, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        throw SettingError(setting, "must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
      }
      try check("colours", colours, 2...SceneColour.allCases.count)
      try check("shapes", shapes, 2...SceneShape.allCases.count)
      try check("relations", relations, 1...SceneRelation.allCases.count)
      try check("image_size", imageSize, 16...1024)
      try check("train_scenes", trainScenes, 1...1_000_000)
      try check("validation_scenes", validationScenes, 1...1_000_000)
      guard heldOutFraction > 0, heldOutFraction <= 0.5 else {
        throw SettingError("held_out_fraction", "must be above 0 and at most 0.5, not \(heldOutFraction)")
      }
    }
  }

  public let options: Options
  /// The combinations that training shows.
  public let trainCombinations: [Scene]
  /// The combinations that only validation shows.
  public let heldOutCombinations: [Scene]

  /// Chooses the combinations.
  public init(_ options: Options = Options()) throws {
    try options.validate()
    self.options = options
    var combinations = Self.combinations(options)
    var generator = SeededGenerator(seed: options.seed, 0)
    generator.shuffle(&combinations)
    let wanted = max(1, Int((Double(combinations.count) * options.heldOutFraction).rounded()))

    var uses: [Use: Int] = [:]
    for use in combinations.flatMap(Self.uses) { uses[use, default: 0] += 1 }
    var (train, heldOut): ([Scene], [Scene]) = ([], [])
    for scene in combinations {
      let itsUses = Self.uses(of: scene)
      if heldOut.count < wanted && itsUses.allSatisfy({ uses[$0, default: 0] > 1 }) {
        for use in itsUses { uses[use, default: 0] -= 1 }
        heldOut.append(scene)
      } else {
        train.append(scene)
      }
    }
    trainCombinations = train
    heldOutCombinations = heldOut
  }

  /// The scenes of a split, one for each image.
  public func scenes(_ split: DatasetSplit) -> [Scene] {
    let isTrain = split == .train
    let combinations = isTrain ? trainCombinations : heldOutCombinations
    guard !combinations.isEmpty else { return [] }
    let count = isTrain ? options.trainScenes : options.validationScenes
    // Every combination occurs equally often, but for one.
    var scenes = (0..<count).map { combinations[$0 % combinations.count] }
    var generator = SeededGenerator(seed: options.seed, isTrain ? 1 : 2)
    generator.shuffle(&scenes)
    return scenes
  }

  private static func combinations(_ options: Options) -> [Scene] {
    let objects = SceneColour.allCases.prefix(options.colours).flatMap { colour in
      SceneShape.allCases.prefix(options.shapes).map { SceneObject(colour, $0) }
    }
    return SceneRelation.allCases.prefix(options.relations).flatMap { relation in
      objects.flatMap { first in
        objects.compactMap { second in
          // What lies inside something of its own colour can't be seen.
          let isVisible = relation == .inside ? first.colour != second.colour : first != second
          return isVisible ? Scene(first, relation, second) : nil
        }
      }
    }
  }

  /// An object on one side of a relation.
  private struct Use: Hashable {
    let object: SceneObject
    let relation: SceneRelation
    let isFirst: Bool
  }

  private static func uses(of scene: Scene) -> [Use] {
    [
      Use(object: scene.first, relation: scene.relation, isFirst: true),
      Use(object: scene.second, relation: scene.relation, isFirst: false),
    ]
  }
}

extension DemoDataset {
  /// How much is drawn: images, and the combinations that they show.
  public var summary: String {
    let (train, validation) = (scenes(.train), scenes(.validation))
    let (seen, others) = (Set(train).count, Set(validation).count)
    return "\(train.count) + \(validation.count) images; \(Quantity(seen, "combination")) in training, "
      + "\(Quantity(others, "other")) in validation"
  }

  /// That validation shows objects which training has too few images for; nil where it shows none.
  public var unseenObjectsNote: String? {
    func objects(_ split: DatasetSplit) -> Set<SceneObject> {
      Set(scenes(split).flatMap { [$0.first, $0.second] })
    }
    let unseen = objects(.validation).subtracting(objects(.train)).count
    guard unseen > 0 else { return nil }
    return "\(Quantity(unseen, "object is", "objects are")) in validation's images but not in training's; "
      + "\(trainCombinations.count) training images would show all"
  }
}

extension DemoDataset {
  /// Draws the images and writes them into `folder` in COCO's layout: `train2017/`, `val2017/`, `annotations/`,
  /// and `scenes.jsonl`, which says what each image shows. An earlier demo that is there is removed.
  ///
  /// - Parameters:
  ///   - progress: Gets how many images there are so far.
  /// - Throws: `DatasetError.otherDataset` where files of another data set would be lost, what the file system refuses.
  public func write(to folder: URL, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws {
    let folder = DemoFolder(url: folder)
    let images = images
    try folder.prepare(for: images)
    var writer = DemoWriter(folder: folder, size: options.imageSize)
    for split in DemoFolder.splits {
      var generator = SeededGenerator(seed: options.seed, split == .train ? 3 : 4)
      for image in images where image.split == split {
        try writer.add(image, using: &generator)
        progress(image.id, images.count)
      }
      try writer.finish(split)
    }
  }

  private var images: [DemoImage] {
    let shown = DemoFolder.splits.flatMap { split in scenes(split).map { (split: split, scene: $0) } }
    return shown.enumerated().map { DemoImage(id: $0 + 1, split: $1.split, scene: $1.scene) }
  }

  /// The scenes of a split by the ids of their images, as a folder's `scenes.jsonl` has them; nil where no demo was drawn.
  ///
  /// - Throws: `DatasetError` or `JSONError` for a line that is none of a demo's, `SystemError`.
  public static func scenes(in folder: URL, _ split: DatasetSplit) throws -> [ImageID: Scene]? {
    let demo = DemoFolder(url: folder)
    guard demo.exists else { return nil }
    let images = try demo.images().filter { $0.split == split }
    return Dictionary(images.map { (ImageID($0.id), $0.scene) }) { $1 }
  }
}
