package import Foundation
import VignetteFiles

/// Writes a model's weights into a checkpoint folder as Transformers' `save_pretrained` does: one file, or several
/// and an index where they exceed a size.
public enum WeightsWriter {
  /// Transformers' own limit, 50 GB.
  public static let maximumShardSize = 50_000_000_000

  /// Writes `tensors`, in the order of the model and each of tied ones once, to `folder`.
  ///
  /// Each file appears whole or not at all; other weights in the folder are removed when all is written. To make the
  /// whole folder appear at once, write into an `AtomicFolder`.
  package static func write(
    _ tensors: [WritableTensor], format: WeightsFormat = .safetensors,
    maximumShardSize: Int = maximumShardSize, to folder: URL
  ) throws {
    let shards = shards(tensors, maximumSize: maximumShardSize)
    var written: Set<String> = []
    var shardNames: [(String, JSONValue)] = []
    for (index, shard) in shards.enumerated() {
      let name = shards.count == 1 ? format.fileName : format.shardName(index + 1, of: shards.count)
      try write(shard, format: format, to: folder.appendingPathComponent(name))
      written.insert(name)
      shardNames += shard.map { ($0.name, .string(name)) }
    }
    if shards.count > 1 {
      try index(tensors, shardNames).write(to: folder.appendingPathComponent(format.indexName))
      written.insert(format.indexName)
    }
    try removeOthers(than: written, in: folder)
  }

  private static func write(_ tensors: [WritableTensor], format: WeightsFormat, to url: URL) throws {
    switch format {
    case .safetensors: try SafetensorsWriter.write(tensors, to: url)
    case .pytorch: try PyTorchWriter.write(tensors, to: url)
    }
  }

  // As `split_state_dict_into_shards_factory` of huggingface_hub: in order, a new shard when the next tensor would
  // exceed the size, and one of its own for a tensor that exceeds it alone.
  private static func shards(_ tensors: [WritableTensor], maximumSize: Int) -> [[WritableTensor]] {
    var shards: [[WritableTensor]] = []
    var current: [WritableTensor] = []
    var size = 0
    for tensor in tensors {
      if tensor.byteCount > maximumSize {
        shards.append([tensor])
        continue
      }
      if size + tensor.byteCount > maximumSize {
        shards.append(current)
        current = []
        size = 0
      }
      current.append(tensor)
      size += tensor.byteCount
    }
    if !current.isEmpty || shards.isEmpty { shards.append(current) }
    return shards
  }

  private static func index(_ tensors: [WritableTensor], _ shardNames: [(String, JSONValue)]) -> JSONValue {
    let parameters = tensors.reduce(0) { $0 + $1.byteCount / $1.elementType.byteSize }
    let size = tensors.reduce(0) { $0 + $1.byteCount }
    return [
      "metadata": ["total_parameters": .int(parameters), "total_size": .int(size)],
      "weight_map": .object(JSONObject(shardNames)),
    ]
  }

  // A reader prefers some names to others, so weights of an earlier writing could hide the new ones.
  private static func removeOthers(than written: Set<String>, in folder: URL) throws {
    for name in try FileName.list(folder.path)
    where !written.contains(name) && WeightsFormat.allCases.contains(where: { $0.owns(name) }) {
      try FileSystem.remove(folder.appendingPathComponent(name))
    }
  }
}
