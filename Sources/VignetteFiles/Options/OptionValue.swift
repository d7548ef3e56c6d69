/// A type that an option's value can have: text in flags and YAML, itself in JSON.
package protocol OptionValue: Codable, Equatable, Sendable {
  /// The value that a flag or a file writes so; nil where it isn't one.
  init?(optionText: String)

  /// The value as a flag gives it.
  var optionText: String { get }

  /// What a text has to be, as it goes on after "expected": "a number".
  static var expectation: String { get }

  /// The texts of all values, where they are few.
  static var choices: [String] { get }
}

extension OptionValue {
  package static var choices: [String] { [] }
}

extension OptionValue where Self: LosslessStringConvertible {
  package init?(optionText: String) { self.init(optionText) }

  package var optionText: String { description }
}

extension Int: OptionValue {
  package static var expectation: String { "an integer" }
}

extension UInt64: OptionValue {
  package static var expectation: String { "an integer, not negative" }
}

extension Double: OptionValue {
  package static var expectation: String { "a number" }
}

extension String: OptionValue {
  package static var expectation: String { "a text" }
}

/// One text as it is, several as JSON has them: `["a", "b"]`.
extension Array: OptionValue where Element == String {
  package static var expectation: String { "a text, or texts as in [\"a\", \"b\"]" }

  package init?(optionText: String) { self = Self.list(optionText) ?? [optionText] }

  package var optionText: String {
    if count == 1, Self.list(self[0]) == nil { return self[0] }
    return JSONValue.array(map { .string($0) }).text(.oneLine)
  }

  private static func list(_ text: String) -> [String]? {
    guard text.hasPrefix("["), let json = try? JSONValue(parsing: text.utf8, file: "") else { return nil }
    return try? JSONField(json, file: "").value()
  }
}

extension Bool: OptionValue {
  package static var expectation: String { "true or false" }

  /// As YAML 1.1 writes truth values, which is what Python reads.
  package init?(optionText: String) {
    switch optionText.lowercased() {
    case "true", "yes", "on": self = true
    case "false", "no", "off": self = false
    default: return nil
    }
  }
}

extension OptionValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  package init?(optionText: String) { self.init(rawValue: optionText) }

  package var optionText: String { rawValue }

  package static var choices: [String] { allCases.map(\.rawValue) }

  package static var expectation: String { choices.joinedAsAlternatives }
}

extension [String] {
  /// "linear, cosine or constant"
  package var joinedAsAlternatives: String {
    guard let last, count > 1 else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) or \(last)"
  }
}
