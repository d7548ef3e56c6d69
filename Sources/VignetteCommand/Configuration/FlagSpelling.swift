import ArgumentParser
import VignetteFiles

/// Spells the settings in the library's texts as the command line does: `` `learning_rate` `` is --learning-rate,
/// `` `shuffle=false` `` is --no-shuffle.
enum FlagSpelling {
  /// A text of the library's for someone at the command line.
  static func spelled(_ text: String) -> String { Setting.respell(text) { flag($0, of: commands) } }

  /// A text about a table's options, of which only these are spelled.
  static func spelled<Options: OptionTable>(_ text: String, in table: Options.Type) -> String {
    let names = Set(table.optionFields.map(\.name))
    return Setting.respell(text) { names.contains($0) ? "--\($0.replacing("_", with: "-"))" : nil }
  }

  /// A text about options in a configuration file.
  static func inFiles(_ text: String) -> String {
    Setting.respell(text) { name in
      let setting = parts(name)
      guard commands[setting.name.replacing("_", with: "-")] != nil else { return nil }
      return setting.value.map { "\(setting.name): \($0)" } ?? setting.name
    }
  }

  private static let commands: [String: DeclaredOption] = {
    let options = all(below: VignetteCommand.self).flatMap { DeclaredOption.all(of: $0) }
    return Dictionary(options.map { ($0.name, $0) }) { first, _ in first }
  }()

  private static func all(below command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
    [command] + command.configuration.subcommands.flatMap { all(below: $0) }
  }

  private static func flag(_ text: String, of options: [String: DeclaredOption]) -> String? {
    let setting = parts(text)
    guard let option = options[setting.name.replacing("_", with: "-")] else { return nil }
    guard let value = setting.value else { return "--\(option.name)" }
    return option.isFlag ? option.argument(for: value) : "--\(option.name) \(value)"
  }

  private static func parts(_ text: String) -> (name: String, value: String?) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    return (parts.first ?? text, parts.count > 1 ? parts[1] : nil)
  }
}
