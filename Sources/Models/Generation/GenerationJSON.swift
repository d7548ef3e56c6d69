/// A JSON value of a configuration file, for fields that come in several types (`eos_token_id`: an id or a list).
enum GenerationJSON: Decodable, Equatable, Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([GenerationJSON])
  case object

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([GenerationJSON].self) {
      self = .list(value)
    } else {
      self = .object
    }
  }

  /// What the value is, for error messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .flag(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): "\"\(value.prefix(40))\""
    case .list: "a list"
    case .object: "an object"
    }
  }

  /// The value as Python's `json.dumps(indent=2)` writes it inside an object, except for strings and objects,
  /// of which generation configurations need only plain words.
  func written(indent: String = "  ") -> String {
    switch self {
    case .null, .object: return "null"
    case .flag(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .text(let value): return "\"\(value)\""
    case .list(let values):
      guard !values.isEmpty else { return "[]" }
      let inner = indent + "  "
      let items = values.map { inner + $0.written(indent: inner) }
      return "[\n\(items.joined(separator: ",\n"))\n\(indent)]"
    }
  }
}
