import ArgumentParser

/// A command whose options can stand in a file that `--config` names.
protocol ConfigurableCommand: ParsableCommand {
  /// Further names of options, with those of their properties, both as the command line spells them.
  static var otherSpellings: [String: String] { get }
}
