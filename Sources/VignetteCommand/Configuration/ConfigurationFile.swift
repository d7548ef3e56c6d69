import Foundation
import VignetteFiles
import Yams

/// A command's options in a YAML file, named as on the command line or as in Python.
///
/// They count as arguments that stand before the command line's own, which therefore take precedence.
struct ConfigurationFile {
  struct Entry {
    /// As the file spells it.
    let key: String
    let line: Int?
    let option: DeclaredOption
    let argument: String
  }

  let path: String
  private(set) var entries: [Entry] = []
  private let options: NamedOptions
  private let command: any ConfigurableCommand.Type

  /// Reads the file.
  ///
  /// - Throws: ``ConfigurationError``, or what the system says about the file.
  init(contentsOf url: URL, for command: any ConfigurableCommand.Type) throws {
    path = url.path
    options = NamedOptions(command)
    self.command = command
    var keys: [String: Node] = [:]
    for (key, value) in try Self.mapping(TextFile.read(url), path: path) {
      guard let option = options[key.text], option.name != CommandLineArguments.configOption else {
        try check(unsupported: key, value)
        continue
      }
      if let first = keys.updateValue(key, forKey: option.name) {
        throw error(key, "stands there twice, before as \(first.text)")
      }
      if let argument = try argument(option, key, value) {
        entries.append(Entry(key: key.text, line: key.mark?.line, option: option, argument: argument))
      }
    }
  }

  /// An option that only Python has may stand there if it asks for nothing.
  private func check(unsupported key: Node, _ value: Node) throws {
    do {
      guard let problem = try command.refusal(of: key.text, value: value.plainText) else { return }
      throw error(key, FlagSpelling.inFiles(problem))
    } catch is UnknownOption {
      let nearest = key.text == CommandLineArguments.configOption ? nil : options.nearest(to: key.text)
      let spelled = nearest.map { key.text.contains("-") ? $0 : $0.replacing("-", with: "_") }
      throw error(key, "there is no such option" + (spelled.map { "; did you mean \($0)?" } ?? ""))
    }
  }

  /// The argument that gives an option its value; nil for a `null`, which means the default.
  private func argument(_ option: DeclaredOption, _ key: Node, _ value: Node) throws -> String? {
    let value = value.onlyElement ?? value
    if value.isNull { return nil }
    var text = value.scalar?.string
    if let meaning = command.booleanMeanings[option.name], let isTrue = value.boolean {
      guard let meant = isTrue ? meaning.yes : meaning.no else { return nil }
      text = meant
    }
    guard let text, let argument = option.argument(for: text) else {
      throw error(key, "expected \(option.expectation), found \(value.kind)")
    }
    return argument
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

/// What is wrong with an option in a configuration file or on the command line.
struct ConfigurationError: PlainError {
  /// The file's; nil for the command line.
  let path: String?
  let line: Int?
  /// The option as it is spelled there.
  let key: String?
  let problem: String

  var description: String {
    let place = path.map { path in line.map { "\(path):\($0)" } ?? path }
    return [place, key, problem].compactMap(\.self).joined(separator: ": ")
  }
}

extension ConfigurationError {
  /// Text that is no YAML.
  fileprivate init(_ path: String, _ error: YamlError) {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      self.init(path: path, line: mark.line, key: nil, problem: "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      self.init(
        path: path, line: context.mark.line, key: keys.joined(separator: ", "), problem: "stands there twice")
    default:
      self.init(path: path, line: nil, key: nil, problem: "this is not YAML: \(error)")
    }
  }
}

extension Node {
  /// What an option is called, for messages too.
  fileprivate var text: String { scalar?.string ?? "?" }

  /// As Python's options take one value or a list of them.
  fileprivate var onlyElement: Node? { sequence.flatMap { $0.count == 1 ? $0.first : nil } }

  /// A value in one word, as the command line would have it; nil for a list or a mapping with something in it.
  fileprivate var plainText: String? {
    switch onlyElement ?? self {
    case .scalar(let scalar): scalar.string
    case .mapping(let mapping): mapping.isEmpty ? "{}" : nil
    case .sequence(let sequence): sequence.isEmpty ? "[]" : nil
    case .alias: nil
    }
  }

  /// A truth value that isn't quoted.
  fileprivate var boolean: Bool? {
    scalar.flatMap { $0.style == .plain ? Bool(optionText: $0.string) : nil }
  }

  fileprivate var isNull: Bool {
    guard let scalar else { return false }
    return scalar.style == .plain && ["", "~", "null", "Null", "NULL", "None"].contains(scalar.string)
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
