import ArgumentParser
import Checkpoints
import Foundation
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

  /// Reads the file.
  ///
  /// - Throws: ``ConfigurationError``, or what the system says about the file.
  init(contentsOf url: URL, for command: any ConfigurableCommand.Type) throws {
    path = url.path
    var options = Dictionary(ConfigurableOption.all(of: command).map { ($0.name, $0) }) { first, _ in first }
    options[Self.optionName] = nil
    for (spelling, name) in command.otherSpellings { options[spelling] = options[name] }
    for (key, value) in try Self.mapping(TextFile.read(url), path: path) {
      if let entry = try entry(key, value, options) { entries.append(entry) }
    }
  }

  /// A `null`, which means the default, gives no entry.
  private func entry(
    _ key: Node, _ value: Node, _ options: [String: ConfigurableOption]
  ) throws -> Entry? {
    let line = key.mark?.line
    let name = key.scalar?.string ?? "?"
    guard let option = options[name.replacing("_", with: "-")] else {
      throw ConfigurationError(path: path, line: line, key: name, problem: "there is no such option")
    }
    if value.isNull { return nil }
    guard let text = value.scalar?.string, let arguments = option.arguments(for: text) else {
      throw ConfigurationError(
        path: path, line: line, key: name, problem: "expected \(option.expectation), found \(value.kind)")
    }
    return Entry(key: name, line: line, option: option, arguments: arguments)
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
