/// Options whose names, texts and limits stand in a table.
///
/// A new option is a property, its row here, and its use: flags, YAML, JSON, validation, saved settings and the differences between two
/// runs follow from the row.
package protocol OptionTable: Sendable {
  /// The defaults.
  init()

  /// The options in the order in which help shows them.
  static var optionFields: [OptionField<Self>] { get }
}

/// A row: one option of `Options`.
package struct OptionField<Options: Sendable>: Sendable {
  /// Hugging Face's: `learning_rate`.
  package let name: String
  /// A noun and an effect. Other options stand in it in backquotes.
  package let help: String
  /// Its value in options, with its type.
  package let access: any OptionAccess<Options>
  private let problem: @Sendable (Options) -> String?

  /// - Parameter requirement: what a value must be besides its type.
  package init<Value: OptionValue>(
    _ name: String, _ path: any WritableKeyPath<Options, Value> & Sendable, _ help: String,
    _ requirement: OptionRequirement<Value>? = nil
  ) {
    self.name = name
    self.help = help
    access = KeyPathAccess(path: path)
    problem = { options in requirement?.problem(options[keyPath: path]) }
  }

  /// An option that may be left open: nil where someone else decides.
  package init<Value: OptionValue>(
    _ name: String, _ path: any WritableKeyPath<Options, Value?> & Sendable, _ help: String,
    _ requirement: OptionRequirement<Value>? = nil
  ) {
    self.name = name
    self.help = help
    access = OptionalKeyPathAccess(path: path)
    problem = { options in options[keyPath: path].flatMap { requirement?.problem($0) } }
  }

  /// - Throws: ``SettingError`` where the option's value is out of its limits.
  package func validate(_ options: Options) throws {
    if let problem = problem(options) { throw SettingError(Setting(name), problem) }
  }
}

/// An option's value in options.
package protocol OptionAccess<Options>: Sendable {
  associatedtype Options
  associatedtype Value: OptionValue

  /// nil where it is left open.
  func value(in options: Options) -> Value?
  func set(_ value: Value, in options: inout Options)
}

private struct KeyPathAccess<Options: Sendable, Value: OptionValue>: OptionAccess {
  let path: any WritableKeyPath<Options, Value> & Sendable

  func value(in options: Options) -> Value? { options[keyPath: path] }
  func set(_ value: Value, in options: inout Options) { options[keyPath: path] = value }
}

private struct OptionalKeyPathAccess<Options: Sendable, Value: OptionValue>: OptionAccess {
  let path: any WritableKeyPath<Options, Value?> & Sendable

  func value(in options: Options) -> Value? { options[keyPath: path] }
  func set(_ value: Value, in options: inout Options) { options[keyPath: path] = value }
}

/// What a value must be, besides its type.
package struct OptionRequirement<Value: Sendable>: Sendable {
  /// What is wrong with a value: "must be positive"; nil for a good one.
  let problem: @Sendable (Value) -> String?

  /// - Parameter words: as they go on after "must": "be positive".
  package init(_ words: String, _ holds: @escaping @Sendable (Value) -> Bool) {
    problem = { holds($0) ? nil : "must \(words)" }
  }

  private init(problem: @escaping @Sendable (Value) -> String?) { self.problem = problem }

  package func and(_ other: Self) -> Self {
    Self(problem: { [problem] in problem($0) ?? other.problem($0) })
  }
}

extension OptionRequirement where Value: Comparable & ExpressibleByIntegerLiteral {
  package static var positive: Self { Self("be positive") { $0 > 0 } }
  package static var notNegative: Self { Self("not be negative") { $0 >= 0 } }

  package static func range(_ range: ClosedRange<Value>) -> Self {
    Self("be from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
  }
}

extension OptionRequirement<Double> {
  package static var positiveAndFinite: Self { Self("be positive") { $0 > 0 && $0.isFinite } }
  package static var finiteAndNotNegative: Self { Self("not be negative") { $0 >= 0 && $0.isFinite } }
  package static var shareBelowOne: Self { Self("be from 0 to below 1") { (0..<1).contains($0) } }
  package static var share: Self { Self("be from 0 to 1") { (0...1).contains($0) } }
}

// MARK: - What follows from a table

extension OptionTable {
  /// Checks each option by itself.
  ///
  /// - Throws: ``SettingError`` for the first whose value is out of its limits.
  package func validateFields() throws {
    for field in Self.optionFields { try field.validate(self) }
  }

  /// The options and their values as texts, in the table's order; without those that are empty or left open.
  package var optionTexts: [(name: String, value: String)] {
    Self.optionFields.compactMap { field in
      let text = field.text(in: self)
      return text.isEmpty ? nil : (field.name, text)
    }
  }

  /// Reads options by name; those that aren't there keep their value.
  package mutating func decodeFields(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: OptionKey.self)
    for field in Self.optionFields { try field.decode(&self, container) }
  }

  package func encodeFields(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: OptionKey.self)
    for field in Self.optionFields { try field.encode(self, &container) }
  }

  /// Options and values as an error speaks of them, a setting with its value in backquotes: `` `seed=42` ``.
  package func settings(_ names: [String]) -> [String] {
    let fields = Self.optionFields.filter { names.contains($0.name) }
    return fields.map { "`\($0.name)=\($0.text(in: self))`" }
  }
}

extension OptionField {
  package func text(in options: Options) -> String { Self.text(access, options) }

  private static func text<Access: OptionAccess>(_ access: Access, _ options: Options) -> String
  where Access.Options == Options { access.value(in: options)?.optionText ?? "" }

  fileprivate func decode(
    _ options: inout Options, _ container: KeyedDecodingContainer<OptionKey>
  ) throws { try Self.decode(access, OptionKey(stringValue: name), &options, container) }

  private static func decode<Access: OptionAccess>(
    _ access: Access, _ key: OptionKey, _ options: inout Options,
    _ container: KeyedDecodingContainer<OptionKey>
  ) throws where Access.Options == Options {
    guard let value = try container.decodeIfPresent(Access.Value.self, forKey: key) else { return }
    access.set(value, in: &options)
  }

  fileprivate func encode(
    _ options: Options, _ container: inout KeyedEncodingContainer<OptionKey>
  ) throws { try Self.encode(access, OptionKey(stringValue: name), options, &container) }

  private static func encode<Access: OptionAccess>(
    _ access: Access, _ key: OptionKey, _ options: Options,
    _ container: inout KeyedEncodingContainer<OptionKey>
  ) throws where Access.Options == Options {
    try container.encodeIfPresent(access.value(in: options), forKey: key)
  }
}

/// An option's name as a key.
package struct OptionKey: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }

  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}
