import Foundation

import VignetteCheckpoints
import VignetteFiles
import Yams

/// What is wrong in a configuration file.
struct ConfigurationError: PlainError {
  let path: String
  let line: Int?
  /// The option as the file spells it.
  let key: String?
  let problem: String

  var description: String {
    let place = line.map { "\(path):\($0)" } ?? path
    return key.map { "\(place): \($0): \(problem)" } ?? "\(place): \(problem)"
  }
}

extension ConfigurationError {
  /// Text that is no YAML.
  init(_ path: String, _ error: YamlError) {
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
