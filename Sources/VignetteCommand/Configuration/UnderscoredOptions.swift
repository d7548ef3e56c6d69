import ArgumentParser

/// Options as Python's command lines have them, `--num_beams`, for commands whose own have dashes.
enum UnderscoredOptions {
  /// The arguments, with dashes in the names of options that the command knows by such a name. What isn't known stays as
  /// it is, for ArgumentParser to refuse; so do values.
  static func dashed(_ arguments: [String], below root: any ParsableCommand.Type) -> [String] {
    var (command, path) = (root, arguments[...])
    while let name = path.first,
      let next = command.configuration.subcommands.first(where: { $0.configuration.commandName == name })
    {
      command = next
      path = path.dropFirst()
    }
    guard path.contains(where: { $0.hasPrefix("--") && $0.contains("_") }) else { return arguments }
    let options = Dictionary(DeclaredOption.all(of: command).map { ($0.name, $0) }) { first, _ in first }
    var result = Array(arguments[..<path.startIndex])
    while let argument = path.popFirst() {
      // Behind a lone --, nothing is an option.
      if argument == "--" { return result + [argument] + path }
      guard argument.hasPrefix("--") else {
        result.append(argument)
        continue
      }
      let name = argument.dropFirst(2).prefix { $0 != "=" }
      let own = String(name).replacing("_", with: "-")
      let option = options[own]
      let isNegated = own.hasPrefix("no-") && options[String(own.dropFirst(3))]?.isFlag == true
      result.append(option != nil || isNegated ? "--\(own)\(argument.dropFirst(2 + name.count))" : argument)
      if let option, !option.isFlag, !argument.contains("="), let value = path.popFirst() {
        result.append(value)
      }
    }
    return result
  }
}
