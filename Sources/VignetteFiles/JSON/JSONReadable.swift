/// A type that can be read from a JSON value.
///
/// A `CaseIterable` enumeration of strings conforms by saying so; its error lists the possible values.
public protocol JSONReadable {
  /// What stands in JSON for a value of this type, with its article: "an integer".
  static var jsonKind: String { get }

  /// Reads `json`, which stands at `field`.
  ///
  /// Throws `field.mismatch(expected:)` if it is something else.
  init(json: JSONValue, at field: JSONField) throws
}

extension JSONValue: JSONReadable {
  public static var jsonKind: String { "a value" }
  public init(json: JSONValue, at field: JSONField) { self = json }
}

extension JSONObject: JSONReadable {
  public static var jsonKind: String { "an object" }
  public init(json: JSONValue, at field: JSONField) throws {
    guard case .object(let object) = json else { throw field.mismatch(expected: Self.jsonKind) }
    self = object
  }
}

extension Bool: JSONReadable {
  public static var jsonKind: String { "true or false" }
  public init(json: JSONValue, at field: JSONField) throws {
    guard case .bool(let value) = json else { throw field.mismatch(expected: Self.jsonKind) }
    self = value
  }
}

extension Int: JSONReadable {
  public static var jsonKind: String { "an integer" }
  public init(json: JSONValue, at field: JSONField) throws {
    switch json {
    case .int(let value): self = value
    // To Python, 20.0 equals 20, and some files have it so.
    case .double(let value):
      guard let value = Int(exactly: value) else { throw field.mismatch(expected: Self.jsonKind) }
      self = value
    default: throw field.mismatch(expected: Self.jsonKind)
    }
  }
}

extension Double: JSONReadable {
  public static var jsonKind: String { "a number" }
  public init(json: JSONValue, at field: JSONField) throws {
    guard let value = json.asNumber else { throw field.mismatch(expected: Self.jsonKind) }
    self = value
  }
}

extension Float: JSONReadable {
  public static var jsonKind: String { Double.jsonKind }
  public init(json: JSONValue, at field: JSONField) throws { self = Float(try Double(json: json, at: field)) }
}

extension String: JSONReadable {
  public static var jsonKind: String { "a string" }
  public init(json: JSONValue, at field: JSONField) throws {
    guard case .string(let value) = json else { throw field.mismatch(expected: Self.jsonKind) }
    self = value
  }
}

extension Array: JSONReadable where Element: JSONReadable {
  public static var jsonKind: String { "a list" }
  public init(json: JSONValue, at field: JSONField) throws {
    self = try field.elements().map { try $0.value() }
  }
}

extension Dictionary: JSONReadable where Key == String, Value: JSONReadable {
  public static var jsonKind: String { "an object" }
  public init(json: JSONValue, at field: JSONField) throws {
    self.init(try field.members().map { ($0.name, try $0.field.value()) }) { $1 }
  }
}

extension JSONReadable where Self: RawRepresentable & CaseIterable, RawValue == String {
  public static var jsonKind: String {
    "one of \(allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))"
  }
  public init(json: JSONValue, at field: JSONField) throws {
    guard case .string(let name) = json, let value = Self(rawValue: name) else {
      throw field.mismatch(expected: Self.jsonKind)
    }
    self = value
  }
}
