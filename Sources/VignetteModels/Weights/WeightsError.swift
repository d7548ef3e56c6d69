public import Foundation

/// Weights that do not fit the model that config.json describes.
public enum WeightsError: Error, CustomStringConvertible, LocalizedError {
  case missing([String])
  case unexpected([String])
  case shape(name: String, file: String, expected: [Int], found: [Int])

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
    }
  }

  public var errorDescription: String? { description }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(8).joined(separator: ", ")
    return "\(names.count) tensor\(names.count == 1 ? "" : "s") (\(shown)\(names.count > 8 ? ", …" : ""))"
  }
}
