import ArgumentParser

/// An option or a flag as a command declares it, seen without knowing its type.
protocol DeclaredArgument {
  /// The value after parsing.
  var anyValue: Any { get }
  static var valueType: Any.Type { get }
  /// Whether it stands alone, as `--name` or `--no-name`.
  static var isFlag: Bool { get }
}

extension Option: DeclaredArgument {
  var anyValue: Any { wrappedValue }
  static var valueType: Any.Type { Value.self }
  static var isFlag: Bool { false }
}

extension Flag: DeclaredArgument {
  var anyValue: Any { wrappedValue }
  static var valueType: Any.Type { Value.self }
  static var isFlag: Bool { true }
}

/// A group of declared arguments.
protocol DeclaredGroup {
  static var groupType: any ParsableArguments.Type { get }
}

extension OptionGroup: DeclaredGroup {
  static var groupType: any ParsableArguments.Type { Value.self }
}

extension ParsableArguments {
  /// The declared options and flags by the names of their properties, without those of groups.
  var declaredArguments: [(name: String, argument: any DeclaredArgument)] {
    Mirror(reflecting: self).children.compactMap { child in
      // A wrapper's storage has its property's name with an underscore before it.
      guard let name = child.label?.dropFirst(), let argument = child.value as? any DeclaredArgument else {
        return nil
      }
      return (String(name), argument)
    }
  }
}
