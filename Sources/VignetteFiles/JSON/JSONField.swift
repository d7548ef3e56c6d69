public import Foundation

/// A position in a JSON document, which knows its file and its dotted key, so that reading it can say exactly
/// what is wrong.
///
///     let config = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
///     let width: Int = try config["encoder"]["hidden_size"].value()
///     let epsilon = try config["encoder"]["layer_norm_eps"].value(default: 1e-12)
///     let padding: Int? = try config["pad_token_id"].optional()
///     let activation = try config["activation_function", "hidden_act"].value(default: "gelu")
///
/// A position may be absent; that matters only when a required value is read from it. As in Hugging Face's
/// configurations, `null` counts as absent.
public struct JSONField: Sendable {
  /// What errors call the document.
  public let file: String
  /// The dotted path from the root, empty for the root itself.
  public let key: String
  private let content: Content

  private enum Content: Sendable {
    case present(JSONValue)
    case absent
    /// A position inside something that has no members.
    case unreachable(JSONError)
  }

  /// The root of a document.
  public init(_ value: JSONValue, file: String) {
    self.init(value, file: file, key: "")
  }

  /// The root of the file at `url`.
  ///
  /// - Throws: ``JSONError`` with the line and column, ``SystemError``, ``FileError`` for what is no file.
  public init(contentsOf url: URL) throws {
    self.init(try JSONValue(contentsOf: url), file: url.path)
  }

  private init(_ value: JSONValue?, file: String, key: String) {
    self.file = file
    self.key = key
    content = if let value, value != .null { .present(value) } else { .absent }
  }

  private init(unreachable error: JSONError, key: String) {
    file = error.file
    self.key = key
    content = .unreachable(error)
  }

  /// Whether there is something other than `null`.
  public var isPresent: Bool {
    if case .present = content { true } else { false }
  }

  /// The member `name`.
  public subscript(name: String) -> JSONField {
    let memberKey = key.isEmpty ? name : "\(key).\(name)"
    switch content {
    case .present(.object(let object)): return JSONField(object[name], file: file, key: memberKey)
    case .present: return JSONField(unreachable: mismatch(expected: "an object"), key: memberKey)
    case .absent: return JSONField(nil, file: file, key: memberKey)
    case .unreachable(let error): return JSONField(unreachable: error, key: memberKey)
    }
  }

  /// The first of several spellings of a member that is present, or the first spelling.
  public subscript(name: String, spellings: String...) -> JSONField {
    ([name] + spellings).lazy.map { self[$0] }.first(where: \.isPresent) ?? self[name]
  }

  /// The value, which must be there.
  public func value<Value: JSONReadable>(as type: Value.Type = Value.self) throws -> Value {
    guard let value = try optional(as: type) else {
      throw JSONError(file: file, key: key, expected: Value.jsonKind, found: "nothing")
    }
    return value
  }

  /// The value, or `fallback` where it is absent.
  public func value<Value: JSONReadable>(default fallback: Value) throws -> Value {
    try optional() ?? fallback
  }

  /// The value, or nil where it is absent.
  public func optional<Value: JSONReadable>(as type: Value.Type = Value.self) throws -> Value? {
    switch content {
    case .present(let value): return try Value(json: value, at: self)
    case .absent: return nil
    case .unreachable(let error): throw error
    }
  }

  /// The elements of a list.
  public func elements() throws -> [JSONField] {
    guard case .array(let values) = try value(as: JSONValue.self) else { throw mismatch(expected: "a list") }
    return values.enumerated().map { JSONField($1, file: file, key: "\(key)[\($0)]") }
  }

  /// The members of an object, in their order.
  public func members() throws -> [(name: String, field: JSONField)] {
    guard case .object(let object) = try value(as: JSONValue.self) else {
      throw mismatch(expected: "an object")
    }
    return object.keys.map { ($0, self[$0]) }
  }

  /// The error that says what is wrong with the value here.
  public func error(_ problem: String) -> JSONError { JSONError(file: file, .key(key), problem) }

  /// The error that says that something other than `expected` stands here; for checks of the caller's own
  /// ("an even number") and for types that read themselves from JSON.
  public func mismatch(expected: String) -> JSONError {
    guard case .present(let value) = content else {
      return JSONError(file: file, key: key, expected: expected, found: "nothing")
    }
    return JSONError(
      file: file, key: key, expected: expected, found: "\(Excerpt(value.text(.oneLine), limit: 60))")
  }
}

/// A type that can be read from a JSON value.
///
/// A `CaseIterable` enumeration of strings conforms by saying so; its error lists the possible values.
public protocol JSONReadable {
  /// What stands in JSON for a value of this type, with its article: "an integer".
  static var jsonKind: String { get }

  /// Reads `json`, which stands at `field`.
  ///
  /// - Throws: `field.mismatch(expected:)` if it is something else.
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
