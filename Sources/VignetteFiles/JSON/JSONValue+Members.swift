/// What a value is, for readers to which anything else is as good as nothing; ``JSONField`` is for strict ones.
extension JSONValue {
  /// A member of an object.
  public subscript(key: String) -> JSONValue? { asObject?[key] }

  public var asObject: JSONObject? {
    if case .object(let members) = self { members } else { nil }
  }

  public var asArray: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var asString: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var asBool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  public var asInt: Int? {
    if case .int(let number) = self { number } else { nil }
  }

  /// A number of any kind.
  public var asNumber: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    case .largeInteger(let digits): Double(digits) ?? .infinity
    default: nil
    }
  }
}
