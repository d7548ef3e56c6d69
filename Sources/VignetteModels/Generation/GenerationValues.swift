public import VignetteFiles

/// A type that an option of generation_config.json can have.
protocol GenerationValue: JSONReadable, Sendable {
  var json: JSONValue { get }
}

extension Int: GenerationValue {
  var json: JSONValue { .int(self) }
}

extension Double: GenerationValue {
  var json: JSONValue { .double(self) }
}

extension Bool: GenerationValue {
  var json: JSONValue { .bool(self) }
}

extension String: GenerationValue {
  var json: JSONValue { .string(self) }
}

extension Array: GenerationValue where Element: GenerationValue {
  var json: JSONValue { .array(map(\.json)) }
}

extension EarlyStopping: GenerationValue {
  public static var jsonKind: String { "true, false or \"never\"" }

  public init(json: JSONValue, at field: JSONField) throws {
    switch json {
    case .bool(let stopsAtOnce): self = stopsAtOnce ? .always : .heuristic
    case .string("never"): self = .never
    default: throw field.mismatch(expected: Self.jsonKind)
    }
  }

  var json: JSONValue {
    switch self {
    case .always: true
    case .heuristic: false
    case .never: "never"
    }
  }
}

extension EarlyStopping: OptionValue {}

extension GenerationOptions.BiasedSequence: GenerationValue {
  public static var jsonKind: String { "a list of token ids and a bias" }

  public init(json: JSONValue, at field: JSONField) throws {
    let parts = try field.elements()
    guard parts.count == 2 else { throw field.mismatch(expected: Self.jsonKind) }
    self.init(tokenIDs: try parts[0].value(), bias: try parts[1].value())
  }

  var json: JSONValue { [tokenIDs.json, bias.json] }
}

extension GenerationOptions.LengthDecay: GenerationValue, OptionValue {
  public static var jsonKind: String { "a list of a number of tokens and a factor" }

  public init(json: JSONValue, at field: JSONField) throws {
    let parts = try field.elements()
    guard parts.count == 2 else { throw field.mismatch(expected: Self.jsonKind) }
    self.init(start: try parts[0].value(), factor: try parts[1].value())
  }

  var json: JSONValue { [start.json, factor.json] }

  package static var expectation: String { "a number of tokens and a factor, as 15,1.1" }

  /// With or without a list's brackets.
  package init?(optionText: String) {
    let parts = optionText.filter { !"[] ".contains($0) }.split(
      separator: ",", omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Int(parts[0]), let factor = Double(parts[1]) else { return nil }
    self.init(start: start, factor: factor)
  }

  package var optionText: String { "\(start),\(factor)" }
}
