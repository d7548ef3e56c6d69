/// A type that an option of generation_config.json can have.
protocol GenerationValue: Sendable {
  init?(json: JSONValue)
  var json: JSONValue { get }
  static var expectation: String { get }
}

extension Int: GenerationValue {
  init?(json: JSONValue) {
    guard case .integer(let value) = json else { return nil }
    self = value
  }
  var json: JSONValue { .integer(self) }
  static var expectation: String { "an integer" }
}

extension Double: GenerationValue {
  init?(json: JSONValue) {
    switch json {
    case .integer(let value): self = Double(value)
    case .number(let value): self = value
    default: return nil
    }
  }
  var json: JSONValue { .number(self) }
  static var expectation: String { "a number" }
}

extension Bool: GenerationValue {
  init?(json: JSONValue) {
    guard case .flag(let value) = json else { return nil }
    self = value
  }
  var json: JSONValue { .flag(self) }
  static var expectation: String { "true or false" }
}

extension EarlyStopping: GenerationValue {
  init?(json: JSONValue) {
    switch json {
    case .flag(let value): self = value ? .always : .heuristic
    case .text("never"): self = .never
    default: return nil
    }
  }
  var json: JSONValue {
    switch self {
    case .always: .flag(true)
    case .heuristic: .flag(false)
    case .never: .text("never")
    }
  }
  static var expectation: String { "true, false or \"never\"" }
}

extension Array: GenerationValue where Element: GenerationValue {
  init?(json: JSONValue) {
    guard case .list(let values) = json else { return nil }
    let elements = values.compactMap(Element.init(json:))
    guard elements.count == values.count else { return nil }
    self = elements
  }
  var json: JSONValue { .list(map(\.json)) }
  static var expectation: String { "a list, each element \(Element.expectation)" }
}
