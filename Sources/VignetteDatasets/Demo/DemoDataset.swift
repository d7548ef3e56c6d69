import Foundation
import VignetteFiles

/// A caption data set that is drawn: images of two coloured shapes, each with five captions, in COCO's layout.
///
/// Validation shows only combinations of objects and relation that training never shows. Every object of them stands
/// in training in either place of every relation, if there is a training scene for each of ``trainCombinations``.
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

    /// Throws `DatasetError.invalidOption`.
    public func validate() throws {
      func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard !range.contains(value) else { return }
        throw DatasetError.invalidOption(
          "\(name) must be from \(range.lowerBound) to \(range.upperBound), not \(value)")
      }
      try check("the number of colours", colours, 2...SceneColour.allCases.count)
      try check("the number of shapes", shapes, 2...SceneShape.allCases.count)
      try check("the number of relations", relations, 1...SceneRelation.allCases.count)
      try check("the image size", imageSize, 16...1024)
      try check("the number of training scenes", trainScenes, 1...1_000_000)
      try check("the number of validation scenes", validationScenes, 1...1_000_000)
      guard heldOutFraction > 0, heldOutFraction <= 0.5 else {
        throw DatasetError.invalidOption(
          "the held-out fraction must be above 0 and at most 0.5, not \(heldOutFraction)")
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

  /// An object in one of the places of a relation.
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
