/// A size as `preprocessor_config.json` has it: one number, a list of height and width, or named sides.
struct SizeValue: Decodable {
  private enum Form {
    case number(Int)
    case list([Int])
    case sides([String: Int])
  }

  private let form: Form

  init(from decoder: Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      form = .number(number)
    } else if let list = try? container.decode([Int].self) {
      form = .list(list)
    } else {
      // Transformers writes the sides that a size doesn't have as null, in some versions.
      form = .sides(try container.decode([String: Int?].self).compactMapValues { $0 })
    }
  }

  init(_ size: ImageSize) {
    switch size {
    case .exactly(let height, let width): form = .sides(["height": height, "width": width])
    case .shortestEdge(let edge): form = .sides(["shortest_edge": edge])
    case .edges(let shortest, let longest):
      form = .sides(["shortest_edge": shortest, "longest_edge": longest])
    case .within(let height, let width): form = .sides(["max_height": height, "max_width": width])
    }
  }

  init(_ size: CropSize) {
    self.init(.exactly(height: size.height, width: size.width))
  }

  /// The sides by name.
  var sides: [String: Int] {
    switch form {
    case .number(let number): ["height": number, "width": number]
    case .list(let list): list.count == 2 ? ["height": list[0], "width": list[1]] : [:]
    case .sides(let sides): sides
    }
  }

  /// - Parameter numberIsSquare: Whether one number stands for both sides, or for the shorter.
  func imageSize(numberIsSquare: Bool) throws -> ImageSize {
    if case .number(let number) = form, !numberIsSquare {
      return .shortestEdge(try Self.check(number, "size"))
    }
    let sides = try sides.mapValues { try Self.check($0, "size") }
    if sides.count == 2, let height = sides["height"], let width = sides["width"] {
      return .exactly(height: height, width: width)
    } else if sides.count == 1, let edge = sides["shortest_edge"] {
      return .shortestEdge(edge)
    } else if sides.count == 2, let shortest = sides["shortest_edge"], let longest = sides["longest_edge"] {
      return .edges(shortest: shortest, longest: longest)
    } else if sides.count == 2, let height = sides["max_height"], let width = sides["max_width"] {
      return .within(height: height, width: width)
    }
    let found = sides.isEmpty ? "no such sides" : sides.keys.sorted().joined(separator: " and ")
    throw ImageProcessorError(
      path: nil, field: "size",
      reason: "expected height and width, shortest_edge, shortest_edge and longest_edge, or max_height and "
        + "max_width, but found \(found)")
  }

  func cropSize() throws -> CropSize {
    guard let height = sides["height"], let width = sides["width"], sides.count == 2 else {
      throw ImageProcessorError(path: nil, field: "crop_size", reason: "expected height and width")
    }
    return CropSize(height: try Self.check(height, "crop_size"), width: try Self.check(width, "crop_size"))
  }

  private static func check(_ side: Int, _ field: String) throws -> Int {
    guard (1...ImageProcessor.maximumSide).contains(side) else {
      throw ImageProcessorError(
        path: nil, field: field, reason: "\(side) is not between 1 and \(ImageProcessor.maximumSide)")
    }
    return side
  }
}
