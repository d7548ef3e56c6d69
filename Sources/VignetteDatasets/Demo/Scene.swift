/// A colour that scenes are drawn in.
public enum SceneColour: String, Sendable, CaseIterable {
  case red, green, blue, yellow, purple, orange

  var components: [Double] {
    switch self {
    case .red: [210, 40, 40]
    case .green: [40, 150, 60]
    case .blue: [45, 80, 205]
    case .yellow: [235, 205, 40]
    case .purple: [135, 50, 160]
    case .orange: [240, 130, 30]
    }
  }
}

/// A shape that scenes are made of.
public enum SceneShape: String, Sendable, CaseIterable {
  case circle, square, triangle, star, diamond, cross
}

/// A coloured shape.
public struct SceneObject: Sendable, Hashable, CustomStringConvertible {
  public let colour: SceneColour
  public let shape: SceneShape

  public init(_ colour: SceneColour, _ shape: SceneShape) {
    self.colour = colour
    self.shape = shape
  }

  public var description: String { "\(colour.rawValue) \(shape.rawValue)" }

  /// The object with its article.
  var phrase: String { (colour == .orange ? "an " : "a ") + description }
}

/// How the first object of a scene lies to the second.
public enum SceneRelation: String, Sendable, CaseIterable {
  case leftOf = "left of"
  case above
  case inside
}

/// What a drawn image shows. The left, the upper or the inner object is the first.
public struct Scene: Sendable, Hashable {
  public let first: SceneObject
  public let second: SceneObject
  public let relation: SceneRelation

  public init(_ first: SceneObject, _ relation: SceneRelation, _ second: SceneObject) {
    self.first = first
    self.second = second
    self.relation = relation
  }

  /// Five captions in different words, all of which name the first object first.
  public var captions: [String] {
    let words: (plain: String, stated: String, existing: String, reversed: String, side: String) =
      switch relation {
      case .leftOf: ("to the left of", "on the left side of", "left of", "to its right", "to the right of it")
      case .above: ("above", "over", "on top of", "below it", "under it")
      case .inside: ("inside", "within", "in the middle of", "around it", "around it")
      }
    let (a, b) = (first.phrase, second.phrase)
    return [
      "\(a) \(words.plain) \(b)",
      "\(a) is \(words.stated) \(b)",
      "there is \(a) \(words.existing) \(b)",
      "the image shows \(a) with \(b) \(words.reversed)",
      "\(a) and, \(words.side), \(b)",
    ]
  }
}
