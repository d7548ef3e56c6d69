import ArgumentParser
import Foundation
import VignetteCheckpoints
import VignetteFiles
import Yams

/// A command's options in a YAML file, named as on the command line or as in Python.
///
/// They count as arguments that stand before the command line's own, which therefore go before.
struct ConfigurationFile {
  struct Entry {
    /// As the file spells it.
    let key: String
    let line: Int?
    let option: ConfigurableOption
    let arguments: [String]
  }

  let path: String
  private(set) var entries: [Entry] = []
  private let options: [String: ConfigurableOption]
  private let booleanMeanings: [String: BooleanMeaning]

  /// Reads the file.
  ///
  /// - Throws: ``ConfigurationError``, or what the system says about the file.
  init(contentsOf url: URL, for command: any ConfigurableCommand.Type) throws {
    path = url.path
    options = Self.options(of: command)
    booleanMeanings = command.booleanMeanings
    var keys: [String: Node] = [:]
    for (key, value) in try Self.mapping(TextFile.read(url), path: path) {
      let option = try option(key)
      if let first = keys.updateValue(key, forKey: option.name) {
        throw error(key, "stands there twice, before as \(first.text)")
      }
      if let arguments = try arguments(option, key, value) {
        entries.append(Entry(key: key.text, line: key.mark?.line, option: option, arguments: arguments))
      }
    }
  }

  /// The options by all names that a file can call them.
  private static func options(of command: any ConfigurableCommand.Type) -> [String: ConfigurableOption] {
    var options = Dictionary(ConfigurableOption.all(of: command).map { ($0.name, $0) }) { first, _ in first }
    options[optionName] = nil
    for names in [command.otherSpellings, command.formerNames] {
      for (spelling, name) in names { options[spelling] = options[name] }
    }
    return options
  }

  private func option(_ key: Node) throws -> ConfigurableOption {
    guard let option = options[key.text.replacing("_", with: "-")] else {
      throw error(key, "there is no such option")
    }
    return option
  }

  /// The arguments that give an option its value; nil for a `null`, which means the default.
  private func arguments(_ option: ConfigurableOption, _ key: Node, _ value: Node) throws -> [String]? {
    let value = value.onlyElement ?? value
    if value.isNull { return nil }
    var text = value.scalar?.string
    if let meaning = booleanMeanings[option.name], let isTrue = value.boolean {
      guard let meant = isTrue ? meaning.yes : meaning.no else { return nil }
      text = meant
    }
    guard let text, let arguments = option.arguments(for: text) else {
      throw error(key, "expected \(option.expectation), found \(value.kind)")
    }
    return arguments
  }

  private func error(_ key: Node, _ problem: String) -> ConfigurationError {
    ConfigurationError(path: path, line: key.mark?.line, key: key.text, problem: problem)
  }

  private static func mapping(_ text: String, path: String) throws -> Node.Mapping {
    do {
      guard let root = try Yams.compose(yaml: text) else { return [:] }
      if let mapping = root.mapping { return mapping }
      throw ConfigurationError(
        path: path, line: nil, key: nil, problem: "expected lines of `option: value`, found \(root.kind)")
    } catch let error as YamlError {
      throw ConfigurationError(path, error)
    }
  }
}

extension ConfigurationFile {
  private static let optionName = "config"

  /// A command line with the contents of its `--config` files put in.
  ///
  /// - Parameter command: the only one that has such an option.
  static func expanding(_ arguments: [String], for command: any ConfigurableCommand.Type) throws -> [String] {
    guard let name = arguments.first, name == command.configuration.commandName else { return arguments }
    let files = paths(in: arguments).map { URL(fileURLWithPath: $0) }
    let added = try files.flatMap { try ConfigurationFile(contentsOf: $0, for: command).entries }
    return [name] + added.flatMap(\.arguments) + arguments.dropFirst()
  }

  private static func paths(in arguments: [String]) -> [String] {
    let flag = "--\(optionName)"
    let separate = zip(arguments, arguments.dropFirst()).filter { $0.0 == flag }.map(\.1)
    let joined = arguments.filter { $0.hasPrefix("\(flag)=") }.map { String($0.dropFirst(flag.count + 1)) }
    return separate + joined
  }
}

extension Node {
  /// What an option is called, for messages too.
  fileprivate var text: String { scalar?.string ?? "?" }

  /// As Python's options take one value or a list of them.
  fileprivate var onlyElement: Node? { sequence.flatMap { $0.count == 1 ? $0.first : nil } }

  /// A truth value that isn't quoted.
  fileprivate var boolean: Bool? {
    scalar.flatMap { $0.style == .plain ? ConfigurableOption.boolean($0.string) : nil }
  }

  fileprivate var isNull: Bool {
    guard let scalar else { return false }
    return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// What it is, for messages.
  fileprivate var kind: String {
    switch self {
    case .scalar(let scalar): scalar.string
    case .mapping: "options inside options"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
