import Foundation
public import VignetteFiles

/// A folder that isn't a whole checkpoint, or weights that could be code.
public enum CheckpointError: PlainError, Equatable {
  /// There is no folder at the path.
  case noFolder(path: String)
  /// None of the files that could hold weights is there.
  case noWeights(path: String, lookedFor: [String], found: [String])
  /// The index names a file that isn't there.
  case missingShard(index: String, shard: String)
  /// The index says that a shard holds a tensor, but it doesn't.
  case missingFromShard(index: String, tensor: String, shard: String)
  /// The index names a file outside its folder.
  case shardOutsideFolder(index: String, shard: String)
  case noTensor(path: String, name: String)
  /// A pickle asks for something that is no data, by its dotted Python name.
  case unsafePickle(path: String, global: String)
  /// A weight that is to be written is too large for the type.
  case beyondType(name: String, value: Float, type: String)

  public var description: String {
    "\(Excerpt(problem: text))"
  }

  private var text: String {
    switch self {
    case .noFolder(let path): "\(path): there is no such folder"
    case .noWeights(let path, let lookedFor, let found):
      "\(path): holds no weights; looked for \(lookedFor.joined(separator: ", ")); "
        + (found.isEmpty ? "the folder is empty" : "the folder holds \(Self.list(found))")
        + (ForeignWeights(among: found).map { "; \($0)" } ?? "")
    case .missingShard(let index, let shard):
      "\(index): \(shard), which holds part of the weights, is missing; fetch it too"
    case .missingFromShard(let index, let tensor, let shard):
      "\(index): tensor \"\(tensor)\" should be in \(shard), but isn't; the files are of different checkpoints"
    case .shardOutsideFolder(let index, let shard):
      "\(index): \"\(shard)\" is no name of a file in the same folder"
    case .noTensor(let path, let name): "\(path): holds no tensor \"\(name)\""
    case .unsafePickle(let path, let global):
      "\(path): the pickle asks for `\(global)`, which is not a tensor or a plain container and could be code; "
        + "nothing was run. If you trust the file, convert it to safetensors where it came from"
    case .beyondType(let name, let value, let type):
      "weight \"\(name)\" has the value \(value), which is beyond \(type); bfloat16 has room for it"
    }
  }

  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(12).joined(separator: ", ")
    return names.count <= 12 ? shown : "\(shown) and \(names.count - 12) more"
  }
}
