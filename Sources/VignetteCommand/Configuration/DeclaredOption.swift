import ArgumentParser
import VignetteFiles

/// An option of a command as its declaration has it, whether of its own or of a table (`OptionFlags`).
///
/// The declarations are the one list: what the command line takes, a configuration file can hold, and errors can name.
struct DeclaredOption: Sendable {
  /// As the command line spells it, without the dashes before it: `learning-rate`.
  let name: String
  /// What its value has to be: "a number", "linear, cosine or constant".
  let expectation: String
  /// Whether it stands alone, as `--name` or `--no-name`.
  let isFlag: Bool
  private let accepts: @Sendable (String) -> Bool

  /// All options of a command, those of its groups too.
  static func all(of command: any ParsableArguments.Type) -> [DeclaredOption] {
    Mirror(reflecting: command.init()).children.flatMap { child -> [DeclaredOption] in
      if let group = child.value as? any OptionGroupDeclaration { return all(of: type(of: group).groupType) }
      // A wrapper's storage has its property's name with an underscore before it.
      guard let name = child.label?.dropFirst(), let argument = child.value as? any OptionDeclaration else {
        return []
      }
      return DeclaredOption(name: String(name), type(of: argument)).map { [$0] } ?? []
    }
  }

  private init?(name: String, _ declaration: any OptionDeclaration.Type) {
    self.name = Self.commandLineName(name)
    isFlag = declaration.isFlag
    if isFlag {
      expectation = Bool.expectation
      accepts = { Bool(optionText: $0) != nil }
    } else {
      guard let type = Self.readable(declaration.valueType) else { return nil }
      expectation = Self.expectation(type)
      accepts = { type.init(argument: $0) != nil }
    }
  }

  /// The argument that gives the option a value; nil for a value that it doesn't take.
  func argument(for value: String) -> String? {
    guard accepts(value) else { return nil }
    guard isFlag else { return "--\(name)=\(value)" }
    return Bool(optionText: value) == true ? "--\(name)" : "--no-\(name)"
  }

  /// `learningRate`, `learning_rate` → `learning-rate`
  private static func commandLineName(_ property: String) -> String {
    property.reduce(into: "") { name, character in
      name += character == "_" ? "-" : character.isUppercase ? "-\(character.lowercased())" : "\(character)"
    }
  }

  private static func readable(_ type: Any.Type) -> (any ExpressibleByArgument.Type)? {
    (type as? any OptionalValue.Type)?.wrappedType ?? type as? any ExpressibleByArgument.Type
  }

  private static func expectation(_ type: any ExpressibleByArgument.Type) -> String {
    if let type = type as? any DescribedArgument.Type { return type.expectation }
    if let type = type as? any OptionValue.Type { return type.expectation }
    return type.allValueStrings.isEmpty ? "a text" : type.allValueStrings.joinedAsAlternatives
  }
}

/// A value of the command line that says what it has to be.
protocol DescribedArgument: ExpressibleByArgument {
  /// As it goes on after "expected": "an integer from 1 to 8".
  static var expectation: String { get }
}

// MARK: - ArgumentParser's wrappers, seen without knowing their types

private protocol OptionDeclaration {
  static var valueType: Any.Type { get }
  static var isFlag: Bool { get }
}

extension Option: OptionDeclaration {
  fileprivate static var valueType: Any.Type { Value.self }
  fileprivate static var isFlag: Bool { false }
}

extension Flag: OptionDeclaration {
  fileprivate static var valueType: Any.Type { Value.self }
  fileprivate static var isFlag: Bool { true }
}

private protocol OptionGroupDeclaration {
  static var groupType: any ParsableArguments.Type { get }
}

extension OptionGroup: OptionGroupDeclaration {
  fileprivate static var groupType: any ParsableArguments.Type { Value.self }
}

private protocol OptionalValue {
  static var wrappedType: (any ExpressibleByArgument.Type)? { get }
}

extension Optional: OptionalValue {
  fileprivate static var wrappedType: (any ExpressibleByArgument.Type)? {
    Wrapped.self as? any ExpressibleByArgument.Type
  }
}
