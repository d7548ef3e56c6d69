import Foundation
public import VignetteFiles

/// Weights that do not fit the model that config.json describes.
public enum WeightsError: PlainError {
  case missing([String])
  case unexpected([String])
  case shape(name: String, file: String, expected: [Int], found: [Int])
  /// More than one thing is wrong.
  case several([any Error])

  public var description: String {
    switch self {
    case .missing(let names):
      "the checkpoint lacks \(Self.list(names)), which config.json calls for; "
        + "check that weights and config.json belong together and that all shards are there"
    case .unexpected(let names):
      "the checkpoint holds \(Self.list(names)), which the model of config.json doesn't have; "
        + "check that weights and config.json belong together"
    case .shape(let name, let file, let expected, let found):
      "\(file): \(name) has shape \(found), but config.json calls for \(expected)"
    case .several(let faults):
      Self.shown(faults.map { "\($0)" }, by: "; ")
    }
  }

  private static func list(_ names: [String]) -> String {
    "\(names.count) tensor\(names.count == 1 ? "" : "s") (\(shown(names, by: ", ")))"
  }

  private static func shown(_ texts: [String], by separator: String) -> String {
    texts.prefix(8).joined(separator: separator) + (texts.count > 8 ? "\(separator)…" : "")
  }
}
