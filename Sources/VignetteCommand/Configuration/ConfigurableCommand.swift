import ArgumentParser
import VignetteFiles

/// A command whose options can stand in a file that `--config` names, and that Python's users know by other names too.
///
/// Options are called here as the command line spells them, without the dashes before them.
protocol ConfigurableCommand: ParsableCommand {
  /// Further names of options, with those that the command declares.
  static var otherSpellings: [String: String] { get }

  /// What true and false mean where an option takes something else.
  static var booleanMeanings: [String: BooleanMeaning] { get }

  /// What is wrong with a value for an option that is known and that the command doesn't have. Nil where the value asks for nothing.
  ///
  /// - Throws: ``UnknownOption`` for an option that isn't known either.
  static func refusal(of name: String, value: String?) throws -> String?

  /// The names of such options.
  static var unsupportedNames: [String] { get }
}

/// What true and false mean in a configuration file for an option that is no flag; nil means the default.
struct BooleanMeaning {
  let yes: String?
  let no: String?
}

/// A name that means nothing.
struct UnknownOption: Error {}

/// The options of a command by all names that they can have.
struct NamedOptions {
  private let options: [String: DeclaredOption]
  private let command: any ConfigurableCommand.Type

  init(_ command: any ConfigurableCommand.Type) {
    self.command = command
    let declared = DeclaredOption.all(of: command).map { ($0.name, $0) }
    options = Dictionary(declared) { first, _ in first }
  }

  /// - Parameter name: without the dashes before it, those inside as dashes or as Python's underscores.
  subscript(name: String) -> DeclaredOption? {
    let name = name.replacing("_", with: "-")
    return options[command.otherSpellings[name] ?? name]
  }

  /// The known name that is most like an unknown one.
  func nearest(to name: String) -> String? {
    let others = Array(command.otherSpellings.keys) + command.unsupportedNames
    return NearestName.of(name.replacing("_", with: "-"), among: (Array(options.keys) + others).sorted())
  }
}
