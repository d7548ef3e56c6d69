import Foundation
import VignetteImages

/// An image of a scene: filled shapes with hard edges on a light ground.
struct SceneRaster {
  let size: Int
  /// Rows from the top, pixels from the left: red, green, blue.
  private var pixels: [UInt8]

  var image: RGBImage { RGBImage(width: size, height: size, pixels: pixels) }

  /// Draws `scene` at a position, in sizes and shades that `generator` chooses.
  init(_ scene: Scene, size: Int, using generator: inout SeededGenerator) {
    self.size = size
    let ground = (0..<3).map { _ in UInt8(generator.next(in: 222...246)) }
    pixels = (0..<size * size).flatMap { _ in ground }
    let (first, second) = Self.positions(scene.relation, using: &generator)
    // The second first: an object inside another lies on it.
    draw(scene.second, at: second, using: &generator)
    draw(scene.first, at: first, using: &generator)
  }

  /// In fractions of the image's size.
  private struct Position {
    let x: Double
    let y: Double
    let radius: Double
  }

  private static func positions(
    _ relation: SceneRelation, using generator: inout SeededGenerator
  ) -> (Position, Position) {
    func position(_ x: Double, _ y: Double, _ jitter: (Double, Double), _ radius: ClosedRange<Double>)
      -> Position
    {
      Position(
        x: x + generator.next(in: -jitter.0...jitter.0), y: y + generator.next(in: -jitter.1...jitter.1),
        radius: generator.next(in: radius))
    }
    let radius = 0.16...0.2
    switch relation {
    case .leftOf:
      return (position(0.27, 0.5, (0.03, 0.1), radius), position(0.73, 0.5, (0.03, 0.1), radius))
    case .above:
      return (position(0.5, 0.27, (0.1, 0.03), radius), position(0.5, 0.73, (0.1, 0.03), radius))
    case .inside:
      let outer = position(0.5, 0.5, (0.04, 0.04), 0.4...0.46)
      return (position(outer.x, outer.y, (0.01, 0.01), 0.15...0.18), outer)
    }
  }

  private mutating func draw(
    _ object: SceneObject, at position: Position, using generator: inout SeededGenerator
  ) {
    let colour = object.colour.components.map { UInt8(min(max($0 + generator.next(in: -8...8), 0), 255)) }
    let scale = Double(size)
    for row in 0..<size {
      for column in 0..<size {
        let x = ((Double(column) + 0.5) / scale - position.x) / position.radius
        let y = ((Double(row) + 0.5) / scale - position.y) / position.radius
        guard object.shape.covers(x, y) else { continue }
        let start = 3 * (row * size + column)
        for component in 0..<3 { pixels[start + component] = colour[component] }
      }
    }
  }
}

extension SceneShape {
  /// Whether the shape of radius one around the origin covers a point; y points down.
  fileprivate func covers(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .circle: return x * x + y * y <= 1
    case .square: return abs(x) <= 0.88 && abs(y) <= 0.88
    case .triangle: return y <= 0.8 && abs(x) <= (y + 1.1) / 1.9
    case .diamond: return abs(x) + abs(y) <= 1.1
    case .cross: return abs(x) <= 1 && abs(y) <= 1 && (abs(x) <= 0.36 || abs(y) <= 0.36)
    case .star:
      // Between the five points, the edge runs from radius 1.15 to 0.5.
      let turn = atan2(x, -y) / (2 * Double.pi) * 5
      let fraction = abs(turn - turn.rounded()) * 2
      return (x * x + y * y).squareRoot() <= 1.15 - fraction * 0.65
    }
  }
}
