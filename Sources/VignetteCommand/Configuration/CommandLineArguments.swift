import ArgumentParser
import Foundation
import VignetteFiles

/// A command line as ArgumentParser takes it, from one that may be written as Python's is: `--learning_rate`, `--bf16 True`,
/// options that ask for nothing, and a `--config` file's contents.
struct CommandLineArguments {
  static let configOption = "config"

  private let command: any ConfigurableCommand.Type
  private let options: NamedOptions
  private var given: ArraySlice<String>
  private var result: [String] = []

  /// - Parameter command: the one that takes a configuration file; in another's command line, only options with Python's
  ///   underscores are spelled anew.
  /// - Throws: ``ConfigurationError``, or what the system says about a file.
  static func expanding(_ arguments: [String], for command: any ConfigurableCommand.Type) throws -> [String] {
    guard let name = arguments.first, name == command.configuration.commandName else {
      return UnderscoredOptions.dashed(arguments, below: VignetteCommand.self)
    }
    var expansion = Self(command: command, options: NamedOptions(command), given: arguments.dropFirst())
    while !expansion.given.isEmpty { try expansion.takeArgument() }
    let files = paths(in: expansion.result).map { FileName.url($0) }
    let added = try files.flatMap { try ConfigurationFile(contentsOf: $0, for: command).entries }
    return [name] + added.map(\.argument) + expansion.result
  }

  private init(command: any ConfigurableCommand.Type, options: NamedOptions, given: ArraySlice<String>) {
    self.command = command
    self.options = options
    self.given = given
  }

  private mutating func takeArgument() throws {
    let argument = given.removeFirst()
    guard argument.hasPrefix("--"), argument.count > 2 else { return result.append(argument) }
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, value) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : nil)
    if let option = options[name] {
      option.isFlag ? takeFlag(option, value) : takeOption(option, value)
    } else if let negated = Self.negated(name), let option = options[negated], option.isFlag, value == nil {
      result.append("--no-\(option.name)")
    } else {
      try take(unsupported: name, value, argument)
    }
  }

  private mutating func takeFlag(_ option: DeclaredOption, _ value: String?) {
    let truth = value ?? given.first.flatMap { Bool(optionText: $0) == nil ? nil : given.removeFirst() }
    guard let truth else { return result.append("--\(option.name)") }
    // What is no truth value is for ArgumentParser to refuse.
    result.append(option.argument(for: truth) ?? "--\(option.name)=\(truth)")
  }

  private mutating func takeOption(_ option: DeclaredOption, _ value: String?) {
    if let value { return result.append("--\(option.name)=\(value)") }
    result.append("--\(option.name)")
    if !given.isEmpty { result.append(given.removeFirst()) }
  }

  /// An option that only Python has is left out if it asks for nothing; what isn't known, ArgumentParser refuses.
  private mutating func take(unsupported name: String, _ value: String?, _ argument: String) throws {
    let isNegated = Self.negated(name).map { command.unsupportedNames.contains($0) } ?? false
    let name = (isNegated ? Self.negated(name) : nil) ?? name
    guard command.unsupportedNames.contains(name.replacing("_", with: "-")) else {
      return result.append(argument)
    }
    let hasNext = given.first.map { !$0.hasPrefix("--") } ?? false
    let value = value ?? (isNegated ? "false" : hasNext ? given.removeFirst() : "true")
    guard let problem = try command.refusal(of: name, value: value) else { return }
    throw ConfigurationError(path: nil, line: nil, key: argument, problem: FlagSpelling.spelled(problem))
  }

  /// `x` for `no-x`.
  private static func negated(_ name: String) -> String? {
    let name = name.replacing("_", with: "-")
    return name.hasPrefix("no-") ? String(name.dropFirst(3)) : nil
  }

  private static func paths(in arguments: [String]) -> [String] {
    let flag = "--\(configOption)"
    let separate = zip(arguments, arguments.dropFirst()).filter { $0.0 == flag }.map(\.1)
    let joined = arguments.filter { $0.hasPrefix("\(flag)=") }.map { String($0.dropFirst(flag.count + 1)) }
    return separate + joined
  }
}
