import ArgumentParser

/// A command whose options can stand in a file that `--config` names.
///
/// Options are called here as the command line spells them, without the dashes before them.
protocol ConfigurableCommand: ParsableCommand {
  /// Further names of options, with those of their properties.
  static var otherSpellings: [String: String] { get }

  /// Names that options had in Python once, with those of their properties; for files only.
  static var formerNames: [String: String] { get }

  /// What true and false mean where an option takes something else.
  static var booleanMeanings: [String: BooleanMeaning] { get }
}
