import Foundation

/// The size that images are brought to, in the ways that `preprocessor_config.json` says it.
public enum ImageSize: Sendable, Equatable {
  /// This height and width, whatever the shape: `{"height", "width"}`.
  case exactly(height: Int, width: Int)
  /// The shorter side this long, the shape kept: `{"shortest_edge"}`.
  case shortestEdge(Int)
  /// The shorter side this long unless the longer one would exceed its limit: `{"shortest_edge", "longest_edge"}`.
  case edges(shortest: Int, longest: Int)
  /// As large as fits, the shape kept: `{"max_height", "max_width"}`.
  case within(height: Int, width: Int)

  /// The size that an image of `height` × `width` gets, computed as Hugging Face's `image_transforms` does.
  ///
  /// - Precondition: `height` and `width` are positive.
  public func output(height: Int, width: Int) -> (height: Int, width: Int) {
    precondition(height > 0 && width > 0, "an image has a positive size")
    switch self {
    case .exactly(let height, let width):
      return (height, width)
    case .shortestEdge(let edge):
      let longest = Int(Double(edge * max(height, width)) / Double(min(height, width)))
      return width <= height ? (longest, edge) : (edge, longest)
    case .edges(let shortest, let longest):
      return Self.output(height: height, width: width, shortest: shortest, longest: longest)
    case .within(let maximumHeight, let maximumWidth):
      let scale = min(Double(maximumHeight) / Double(height), Double(maximumWidth) / Double(width))
      return (Int(Double(height) * scale), Int(Double(width) * scale))
    }
  }

  private static func output(
    height: Int, width: Int, shortest: Int, longest: Int
  ) -> (height: Int, width: Int) {
    var edge = shortest
    var exactEdge = Double(shortest)
    let (short, long) = (Double(min(height, width)), Double(max(height, width)))
    if long / short * Double(shortest) > Double(longest) {
      exactEdge = Double(longest) * short / long
      edge = Int(exactEdge.rounded(.toNearestOrEven))
    }
    if min(height, width) == edge { return (height, width) }
    if width < height { return (Int(exactEdge * Double(height) / Double(width)), edge) }
    return (edge, Int(exactEdge * Double(width) / Double(height)))
  }
}
