/// Finds out what a caption says about a scene, in any words that the demonstration's captions use, with either
/// object first.
public enum SceneCaptionChecker {
  /// How a caption compares with the scene that it is about.
  public struct Verdict: Sendable, Equatable {
    /// Both objects are named with their colours and shapes, and nothing else is.
    public let hasObjects: Bool
    /// The objects lie to each other as the caption says.
    public let hasRelation: Bool

    /// Every object, colour and relation is right.
    public var isCorrect: Bool { hasObjects && hasRelation }
  }

  public static func check(_ caption: String, against scene: Scene) -> Verdict {
    let words = words(of: caption)
    let objects = objects(in: words)?.map(\.object)
    let hasObjects = objects.map { $0 == [scene.first, scene.second] || $0 == [scene.second, scene.first] }
    return Verdict(hasObjects: hasObjects ?? false, hasRelation: meaning(of: words) == scene)
  }

  /// The scene that a caption describes; nil if it doesn't describe two objects and one relation.
  public static func meaning(of caption: String) -> Scene? { meaning(of: words(of: caption)) }

  private enum Side {
    case left, right, above, below, inside, around

    init?(_ word: Substring) {
      switch word {
      case "left": self = .left
      case "right": self = .right
      case "above", "over", "top": self = .above
      case "below", "under", "beneath", "underneath": self = .below
      case "inside", "within", "middle": self = .inside
      case "around", "outside": self = .around
      default: return nil
      }
    }

    /// The relation, and whether the object that is on this side is the scene's first.
    var relation: (SceneRelation, isFirst: Bool) {
      switch self {
      case .left: (.leftOf, true)
      case .right: (.leftOf, false)
      case .above: (.above, true)
      case .below: (.above, false)
      case .inside: (.inside, true)
      case .around: (.inside, false)
      }
    }
  }

  private static func words(of caption: String) -> [Substring] {
    caption.lowercased().split { !$0.isLetter }
  }

  private static func objects(in words: [Substring]) -> [(object: SceneObject, end: Int)]? {
    var objects: [(object: SceneObject, end: Int)] = []
    var index = 0
    while index < words.count {
      let colour = SceneColour(rawValue: String(words[index]))
      let shape = SceneShape(rawValue: String(words[index]))
      index += 1
      // A shape without a colour says too little.
      guard shape == nil else { return nil }
      guard let colour else { continue }
      guard index < words.count, let shape = SceneShape(rawValue: String(words[index])) else { return nil }
      index += 1
      objects.append((SceneObject(colour, shape), index))
    }
    return objects.count == 2 ? objects : nil
  }

  private static func meaning(of words: [Substring]) -> Scene? {
    guard let objects = objects(in: words) else { return nil }
    let sides = words.indices.compactMap { index in Side(words[index]).map { (index, $0) } }
    guard sides.count == 1, let (position, side) = sides.first, position > objects[0].end - 1 else {
      return nil
    }
    let (a, b) = (objects[0].object, objects[1].object)
    // "A left of B" is about A; "A, and to the left of it B" and "A with B to its left" are about B.
    let isAfterBoth = position >= objects[1].end
    let saysIt = words[objects[0].end...].contains { $0 == "it" || $0 == "its" }
    guard !isAfterBoth || saysIt else { return nil }
    let (subject, other) = saysIt ? (b, a) : (a, b)
    let (relation, isFirst) = side.relation
    return isFirst ? Scene(subject, relation, other) : Scene(other, relation, subject)
  }
}
