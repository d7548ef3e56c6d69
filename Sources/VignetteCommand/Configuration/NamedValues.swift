import Foundation

/// A value's fields by name, to be changed by name.
struct NamedValues: Encodable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private var values: [String: any Encodable]

  init(_ value: some Codable) {
    values = Dictionary(
      Mirror(reflecting: value).children.compactMap { child in
        child.label.flatMap { label in (child.value as? any Encodable).map { (label, $0) } }
      }
    ) { first, _ in first }
  }

  /// Gives a field a value; false if there is no field of that name.
  mutating func set(_ name: String, _ value: Any) -> Bool {
    guard let value = value as? any Encodable else { return false }
    return values.updateValue(value, forKey: name) != nil
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    for (name, value) in values { try container.encode(value, forKey: Name(stringValue: name)) }
  }

  /// The value of these fields.
  func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
    // JSON has no infinity, and the command line can.
    let (inf, nan) = ("inf", "nan")
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: inf, negativeInfinity: "-\(inf)", nan: nan)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: inf, negativeInfinity: "-\(inf)", nan: nan)
    return try decoder.decode(type, from: encoder.encode(self))
  }
}
