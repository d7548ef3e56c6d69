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
