import ArgumentParser

/// The first name on a command line that means nothing, with the one that was probably meant.
struct Misspelling: CustomStringConvertible {
  let description: String

  /// - Returns: nil where each name is known, or an option isn't like any that is.
  init?(in arguments: [String]) {
    var path: [any ParsableCommand.Type] = [VignetteCommand.self]
    var rest = arguments[...]
    if rest.first == "help" { rest = rest.dropFirst() }
    while let command = path.last, !command.configuration.subcommands.isEmpty, let name = rest.first,
      !name.hasPrefix("-")
    {
      // What stands behind the second one has no meaning.
      if name == "help" { return nil }
      guard let next = command.configuration.subcommands.first(where: { Self.name($0) == name }) else {
        self.init(command: name, below: path)
        return
      }
      path.append(next)
      rest = rest.dropFirst()
    }
    guard let command = path.last else { return nil }
    let known = Self.flags(of: command).union(["--help", "--version"])
    let flags = rest.prefix { $0 != "--" }.filter { $0.hasPrefix("--") }.map {
      String($0.prefix { $0 != "=" })
    }
    for flag in flags where !known.contains(flag.replacing("_", with: "-")) {
      guard let nearest = Self.nearest(flag, known) else { continue }
      self.init(problem: "Unknown option '\(flag)'. Did you mean '\(nearest)'?", path)
      return
    }
    return nil
  }

  private init(command name: String, below path: [any ParsableCommand.Type]) {
    let names = path.last?.configuration.subcommands.map(Self.name) ?? []
    let hint =
      NearestName.of(name, among: names).map { "Did you mean '\($0)'?" }
      ?? "There are \(names.joined(separator: ", "))."
    self.init(problem: "There is no command '\(name)'. \(hint)", path)
  }

  private init(problem: String, _ path: [any ParsableCommand.Type]) {
    description = """
      Error: \(problem)
        See '\(path.map(Self.name).joined(separator: " ")) --help' for more information.
      """
  }

  private static func name(_ command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? ""
  }

  /// All flags that a command's help names.
  private static func flags(of command: any ParsableCommand.Type) -> Set<String> {
    let help = command.helpMessage(includeHidden: true, columns: 1000)
    var flags = Set(help.matches(of: /--[a-z0-9][a-z0-9-]*/).map { String($0.output) })
    if let command = command as? any ConfigurableCommand.Type {
      flags.formUnion((Array(command.otherSpellings.keys) + command.unsupportedNames).map { "--\($0)" })
    }
    return flags
  }

  private static func nearest(_ flag: String, _ known: Set<String>) -> String? {
    let names = known.map { String($0.dropFirst(2)) }.sorted()
    return NearestName.of(String(flag.dropFirst(2)).replacing("_", with: "-"), among: names).map { "--\($0)" }
  }
}
