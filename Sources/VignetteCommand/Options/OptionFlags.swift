import ArgumentParser
import VignetteFiles

/// A table's options as flags: `learning_rate` is `--learning-rate`.
///
/// ArgumentParser finds a command's arguments by a mirror of its properties. This group shows it one that is made from the
/// table, so that help, completions and the man page follow from the table too.
struct OptionFlags<Options: OptionTable>: ParsableArguments, CustomReflectable {
  /// The options as given, with the defaults of those that weren't.
  private(set) var options = Options()

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: OptionKey.self)
    for field in Options.optionFields { try Self.read(field, field.access, container, &options) }
  }

  var customMirror: Mirror {
    Mirror(
      self, children: Options.optionFields.map { ("_\($0.name)", Self.flag($0, $0.access) as Any) },
      displayStyle: .struct)
  }

  /// What ArgumentParser takes for the option: its `Option` or `Flag`.
  private static func flag<Access: OptionAccess>(_ field: OptionField<Options>, _ access: Access) -> Any
  where Access.Options == Options {
    let name = NameSpecification.customLong(field.name.replacing("_", with: "-"))
    let help = ArgumentHelp(stringLiteral: FlagSpelling.spelled(field.help, in: Options.self))
    let value = access.value(in: Options())
    switch value {
    case nil where Access.Value.self is Bool.Type:
      return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    case let value as Bool: return Flag(wrappedValue: value, name: name, inversion: .prefixedNo, help: help)
    case let value?:
      return Option(wrappedValue: FlagValue(value), name: name, parsing: .unconditional, help: help)
    case nil: return Option<FlagValue<Access.Value>?>(name: name, parsing: .unconditional, help: help)
    }
  }

  private static func read<Access: OptionAccess>(
    _ field: OptionField<Options>, _ access: Access, _ container: KeyedDecodingContainer<OptionKey>,
    _ options: inout Options
  ) throws where Access.Options == Options {
    let key = OptionKey(stringValue: field.name)
    if Access.Value.self is Bool.Type {
      let value = try container.decodeIfPresent(Flag<Bool?>.self, forKey: key)?.wrappedValue
      if let value = value as? Access.Value { access.set(value, in: &options) }
    } else {
      let value = try container.decodeIfPresent(Option<FlagValue<Access.Value>?>.self, forKey: key)
      if let value = value?.wrappedValue { access.set(value.value, in: &options) }
    }
  }
}

/// An option's value as ArgumentParser reads and shows it.
struct FlagValue<Value: OptionValue>: DescribedArgument {
  let value: Value

  init(_ value: Value) { self.value = value }

  init?(argument: String) {
    guard let value = Value(optionText: argument) else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { value.optionText }

  static var allValueStrings: [String] { Value.choices }
  static var expectation: String { Value.expectation }

  static var defaultCompletionKind: CompletionKind { Value.choices.isEmpty ? .default : .list(Value.choices) }
}
