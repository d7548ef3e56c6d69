import ArgumentParser
import Foundation

/// An option of a command, as a configuration file can give it.
///
/// The command's declarations are the table: whatever it takes on the command line, the file can hold.
struct ConfigurableOption {
  /// As the command line spells it: `learning-rate`.
  let name: String
  /// What its value has to be: "a number", "linear, cosine or constant".
  let expectation: String
  private let isFlag: Bool
  private let accepts: (String) -> Bool

  /// All options of a command, those of its groups too.
  static func all(of command: any ParsableArguments.Type) -> [ConfigurableOption] {
    let instance = command.init()
    let groups = Mirror(reflecting: instance).children.compactMap { $0.value as? any DeclaredGroup }
    return instance.declaredArguments.compactMap { ConfigurableOption(name: $0.name, argument: $0.argument) }
      + groups.flatMap { all(of: type(of: $0).groupType) }
  }

  private init?(name: String, argument: any DeclaredArgument) {
    self.name = Self.commandLineName(name)
    isFlag = type(of: argument).isFlag
    if isFlag {
      expectation = "true or false"
      accepts = { Self.boolean($0) != nil }
    } else {
      guard let type = Self.readable(type(of: argument).valueType) else { return nil }
      expectation = Self.expectation(type)
      accepts = { type.init(argument: $0) != nil }
    }
  }

  /// The arguments that give the option a value; nil for a value that it doesn't take.
  func arguments(for value: String) -> [String]? {
    guard accepts(value) else { return nil }
    guard isFlag else { return ["--\(name)=\(value)"] }
    return [Self.boolean(value) == true ? "--\(name)" : "--no-\(name)"]
  }

  /// `learningRate` → `learning-rate`
  private static func commandLineName(_ property: String) -> String {
    property.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : "\($1)" }
  }

  /// As YAML 1.1 has them, which Python reads.
  static func boolean(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  private static func readable(_ type: Any.Type) -> (any ExpressibleByArgument.Type)? {
    (type as? any OptionalValue.Type)?.wrappedType ?? type as? any ExpressibleByArgument.Type
  }

  private static func expectation(_ type: any ExpressibleByArgument.Type) -> String {
    if let type = type as? any DescribedArgument.Type { return type.expectation }
    let values = type.allValueStrings
    if let last = values.last {
      return values.count == 1 ? last : "\(values.dropLast().joined(separator: ", ")) or \(last)"
    }
    return switch type {
    case is Int.Type: "an integer"
    case is UInt64.Type: "an integer, not negative"
    case is Double.Type: "a number"
    default: "a text"
    }
  }
}

/// An optional, whatever is in it.
private protocol OptionalValue {
  static var wrappedType: (any ExpressibleByArgument.Type)? { get }
}

extension Optional: OptionalValue {
  fileprivate static var wrappedType: (any ExpressibleByArgument.Type)? {
    Wrapped.self as? any ExpressibleByArgument.Type
  }
}
