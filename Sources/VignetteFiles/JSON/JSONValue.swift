public import Foundation

/// A JSON value as Python's `json` module sees it: integers and floats apart, NaN and infinities allowed, the
/// members of an object in the order of the file.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case int(Int)
  /// An integer outside `Int`, by its decimal digits. Transformers writes 10³⁰ (rounded to a double) for "no limit".
  case largeInteger(String)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .int(value) }
  public init(floatLiteral value: Double) { self = .double(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}

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

extension JSONValue {
  /// Parses JSON text in UTF-8. As in Python, the last of several members with the same key counts.
  ///
  /// - Parameter file: what errors call the text.
  /// - Throws: ``JSONError`` with the line and column.
  public init(parsing text: some Collection<UInt8>, file: String) throws {
    let value = try text.withContiguousStorageIfAvailable { try JSONValue($0, file) }
    self = try value ?? Array(text).withUnsafeBufferPointer { try JSONValue($0, file) }
  }

  private init(_ text: UnsafeBufferPointer<UInt8>, _ file: String) throws {
    let bytes = UnsafeRawBufferPointer(text)
    do throws(JSONFault) {
      var cursor = JSONCursor(bytes)
      self = try cursor.value()
      try cursor.expectEnd()
    } catch {
      throw JSONError(file: file, bytes: bytes, fault: error)
    }
  }
}

extension JSONValue {
  /// Parses the file at `url`.
  ///
  /// - Throws: `JSONError` with the line and column, `SystemError`.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    // A list of small numbers takes the most memory for its text.
    try file.requireMemory(of: 24)
    self = try file.withUnsafeBytes(0..<file.count) { try JSONValue(parsing: $0, file: url.path) }
  }

  /// Writes the text and a line end to `url`, all or nothing.
  public func write(to url: URL, _ format: JSONFormat = .config) throws {
    try AtomicFile.write(Array((text(format) + "\n").utf8), to: url)
  }
}
