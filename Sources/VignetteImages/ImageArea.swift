/// A part of an image, in shares of its width and height: from 0 at the left and the top to 1 at the right and the bottom.
/// One that reaches beyond has a margin there.
public struct ImageArea: Codable, Hashable, Sendable {
  /// The left edge.
  public var x: Double
  /// The top edge.
  public var y: Double
  public var width: Double
  public var height: Double

  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// All of the image.
  public static let whole = ImageArea(x: 0, y: 0, width: 1, height: 1)

  /// A part of this part, in shares of the whole image.
  package func part(_ inner: ImageArea) -> ImageArea {
    ImageArea(
      x: x + inner.x * width, y: y + inner.y * height, width: inner.width * width,
      height: inner.height * height)
  }
}
