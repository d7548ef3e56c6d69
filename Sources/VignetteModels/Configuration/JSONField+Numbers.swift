import VignetteFiles
import VignetteTensors

/// Reading what Hugging Face's configurations hold, with limits that keep a stranger's file from asking
/// for sizes that overflow.
extension JSONField {
  /// A positive integer; `fallback`, if given, where the field is absent.
  func size(default fallback: Int? = nil, upTo limit: Int = 1 << 24) throws -> Int {
    let number: Int
    if let fallback { number = try value(default: fallback) } else { number = try value() }
    guard (1...limit).contains(number) else { throw mismatch(expected: "an integer from 1 to \(limit)") }
    return number
  }

  /// A list of positive integers; `fallback` where the field is absent.
  func sizes(default fallback: [Int], upTo limit: Int = 1 << 24) throws -> [Int] {
    isPresent ? try elements().map { try $0.size(upTo: limit) } : fallback
  }

  /// One size for both directions, or [height, width].
  func sizePair(default fallback: Int, upTo limit: Int = 1 << 14) throws -> (height: Int, width: Int) {
    guard case .array? = try optional(as: JSONValue.self) else {
      let side = try size(default: fallback, upTo: limit)
      return (side, side)
    }
    let sides = try elements().map { try $0.size(upTo: limit) }
    guard sides.count == 2 else { throw mismatch(expected: "an integer or [height, width]") }
    return (sides[0], sides[1])
  }

  /// A probability below one.
  func probability(default fallback: Float) throws -> Float {
    let number = try value(default: fallback)
    guard (0..<1).contains(number) else { throw mismatch(expected: "a number from 0 to below 1") }
    return number
  }

  /// A positive number, as ε of a layer norm is.
  func positive(default fallback: Double) throws -> Double {
    let number = try value(default: fallback)
    guard number > 0, number.isFinite else { throw mismatch(expected: "a positive number") }
    return number
  }

  /// How many heads a width is cut into.
  func heads(of width: Int, default fallback: Int) throws -> Int {
    let number = try size(default: fallback)
    guard width % number == 0 else { throw mismatch(expected: "a divisor of the width \(width)") }
    return number
  }

  /// A token's id.
  func token(below vocabularySize: Int, default fallback: Int) throws -> Int {
    let id = try value(default: fallback)
    guard (0..<vocabularySize).contains(id) else {
      throw mismatch(expected: "a token of the vocabulary, from 0 to \(vocabularySize - 1)")
    }
    return id
  }

  /// Tokens' ids where one may stand for a list of one; nil where the field is absent.
  package func tokenIDs() throws -> [Int]? {
    switch try optional(as: JSONValue.self) {
    case nil: nil
    case .array?: try value()
    case .int(let id)?: [id]
    default: throw mismatch(expected: "a token id or a list of token ids")
    }
  }

  /// A token's id, where it may stand in a list alone; nil where the field is absent.
  ///
  /// In Transformers a list has an id for each image of a batch, and here an image's caption doesn't depend on the others.
  package func tokenID() throws -> Int? {
    guard case .array? = try optional(as: JSONValue.self) else { return try optional() }
    let ids: [Int] = try value()
    guard ids.count == 1 else { throw mismatch(expected: "one token id") }
    return ids[0]
  }

  /// Texts where one may stand for a list of one; nil where the field is absent.
  func texts() throws -> [String]? {
    switch try optional(as: JSONValue.self) {
    case nil: nil
    case .array?: try value()
    case .string(let text)?: [text]
    default: throw mismatch(expected: "a text or a list of texts")
    }
  }

  /// Checks that a decoder is one that attends to an image.
  func requireCrossAttention() throws {
    guard try self["add_cross_attention"].value(default: false) else {
      throw self["add_cross_attention"].mismatch(expected: "true: a captioner's decoder attends to the image")
    }
  }

  /// An activation by Hugging Face's name.
  func activation(default fallback: String) throws -> Activation {
    let name = try value(default: fallback)
    guard let activation = Activation.named[name] else {
      let known = Activation.named.keys.sorted().joined(separator: ", ")
      throw mismatch(expected: "one of \(known)")
    }
    return activation
  }
}

extension Activation {
  /// Hugging Face's `ACT2FN`, as far as the models here use it.
  static let named: [String: Activation] = [
    "gelu": .gelu, "gelu_python": .gelu,
    "gelu_new": .geluTanh, "gelu_fast": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_accurate": .geluTanh,
    "quick_gelu": .quickGELU, "relu": .relu, "silu": .silu, "swish": .silu, "tanh": .tanh,
    "sigmoid": .sigmoid, "linear": .identity,
  ]
}
