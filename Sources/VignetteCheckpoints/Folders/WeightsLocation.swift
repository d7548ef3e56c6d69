import Foundation
import VignetteFiles

/// Which files of a checkpoint folder hold its weights.
struct WeightsLocation {
  struct Shard {
    let url: URL
    /// The tensors that the index says are here; nil for a file without an index.
    var names: [String]?
  }

  let format: WeightsFormat
  let shards: [Shard]
  /// Where the index is, or would be.
  let index: URL

  static func find(in folder: URL, formats: [WeightsFormat]) throws -> WeightsLocation {
    guard let found = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw CheckpointFolderError.noFolder(path: folder.path)
    }
    for format in formats {
      let index = folder.appendingPathComponent(format.indexName)
      if found.contains(format.fileName) {
        let shard = Shard(url: folder.appendingPathComponent(format.fileName), names: nil)
        return WeightsLocation(format: format, shards: [shard], index: index)
      }
      if found.contains(format.indexName) {
        return WeightsLocation(
          format: format, shards: try shards(of: index, present: Set(found)), index: index)
      }
    }
    throw CheckpointFolderError.noWeights(
      path: folder.path, lookedFor: formats.flatMap { [$0.fileName, $0.indexName] }, found: found.sorted())
  }

  private static func shards(of index: URL, present: Set<String>) throws -> [Shard] {
    var names: [String: [String]] = [:]
    for (tensor, field) in try JSONField(contentsOf: index)["weight_map"].members() {
      names[try field.value(), default: []].append(tensor)
    }
    let folder = index.deletingLastPathComponent()
    return try names.sorted { $0.key < $1.key }.map { shard, tensors in
      guard !shard.isEmpty, shard != ".", shard != "..", !shard.contains("/"), !shard.contains("\\") else {
        throw CheckpointFolderError.shardOutsideFolder(index: index.path, shard: shard)
      }
      guard present.contains(shard) else {
        throw CheckpointFolderError.missingShard(index: index.path, shard: shard)
      }
      return Shard(url: folder.appendingPathComponent(shard), names: tensors)
    }
  }
}
