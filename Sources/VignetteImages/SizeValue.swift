import VignetteFiles

/// A size as `preprocessor_config.json` has it: one number, a list of height and width, or named sides.
struct SizeValue: JSONReadable {
  static let jsonKind = "an integer, [height, width] or an object of integers"

  private enum Form {
    case number(Int)
    case list([Int])
    case sides([String: Int])
  }

  private let form: Form
  /// Where it was read, for errors.
  private let field: JSONField

  init(json: JSONValue, at field: JSONField) throws {
    self.field = field
    switch json {
    case .array: form = .list(try field.value())
    case .object:
      // Transformers writes the sides that a size doesn't have as null, in some versions.
      let sides = try field.members().filter(\.field.isPresent).map {
        ($0.name, try $0.field.value(as: Int.self))
      }
      form = .sides(Dictionary(sides) { $1 })
    case _ where json.asNumber != nil: form = .number(try field.value())
    default: throw field.mismatch(expected: Self.jsonKind)
    }
  }

  /// The sides by name.
  private var sides: [String: Int] {
    switch form {
    case .number(let number): ["height": number, "width": number]
    case .list(let list): list.count == 2 ? ["height": list[0], "width": list[1]] : [:]
    case .sides(let sides): sides
    }
  }

  /// - Parameter numberIsSquare: Whether one number stands for both sides, or for the shorter.
  func imageSize(numberIsSquare: Bool) throws -> ImageSize {
    if case .number(let number) = form, !numberIsSquare {
      return .shortestEdge(try check(number))
    }
    let sides = try sides.mapValues { try check($0) }
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
    throw failure(
      "expected height and width, shortest_edge, shortest_edge and longest_edge, or max_height and "
        + "max_width, but found \(found)")
  }

  func cropSize() throws -> CropSize {
    guard let height = sides["height"], let width = sides["width"], sides.count == 2 else {
      throw failure("expected height and width")
    }
    return CropSize(height: try check(height), width: try check(width))
  }

  private func check(_ side: Int) throws -> Int {
    guard (1...ImageProcessor.maximumSide).contains(side) else {
      throw failure("\(side) is not between 1 and \(ImageProcessor.maximumSide)")
    }
    return side
  }

  private func failure(_ reason: String) -> ImageProcessorError {
    ImageProcessorError(path: field.file, field: field.key, reason: reason)
  }
}

extension ImageSize {
  /// The sides by name.
  var json: JSONValue {
    switch self {
    case .exactly(let height, let width): ["height": .int(height), "width": .int(width)]
    case .shortestEdge(let edge): ["shortest_edge": .int(edge)]
    case .edges(let shortest, let longest): ["shortest_edge": .int(shortest), "longest_edge": .int(longest)]
    case .within(let height, let width): ["max_height": .int(height), "max_width": .int(width)]
    }
  }
}

extension CropSize {
  var json: JSONValue { ["height": .int(height), "width": .int(width)] }
}
