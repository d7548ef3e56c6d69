/// A type that an option of generation_config.json can have.
protocol GenerationValue: Sendable {
  init?(json: GenerationJSON)
  var json: GenerationJSON { get }
  static var expectation: String { get }
}

extension Int: GenerationValue {
  init?(json: GenerationJSON) {
    guard case .integer(let value) = json else { return nil }
    self = value
  }
  var json: GenerationJSON { .integer(self) }
  static var expectation: String { "an integer" }
}

extension Double: GenerationValue {
  init?(json: GenerationJSON) {
    switch json {
    case .integer(let value): self = Double(value)
    case .number(let value): self = value
    default: return nil
    }
  }
  var json: GenerationJSON { .number(self) }
  static var expectation: String { "a number" }
}

extension Bool: GenerationValue {
  init?(json: GenerationJSON) {
    guard case .flag(let value) = json else { return nil }
    self = value
  }
  var json: GenerationJSON { .flag(self) }
  static var expectation: String { "true or false" }
}

extension EarlyStopping: GenerationValue {
  init?(json: GenerationJSON) {
    switch json {
    case .flag(let value): self = value ? .always : .heuristic
    case .text("never"): self = .never
    default: return nil
    }
  }
  var json: GenerationJSON {
    switch self {
    case .always: .flag(true)
    case .heuristic: .flag(false)
    case .never: .text("never")
    }
  }
  static var expectation: String { "true, false or \"never\"" }
}

extension Array: GenerationValue where Element: GenerationValue {
  init?(json: GenerationJSON) {
    guard case .list(let values) = json else { return nil }
    let elements = values.compactMap(Element.init(json:))
    guard elements.count == values.count else { return nil }
    self = elements
  }
  var json: GenerationJSON { .list(map(\.json)) }
  static var expectation: String { "a list, each element \(Element.expectation)" }
}
