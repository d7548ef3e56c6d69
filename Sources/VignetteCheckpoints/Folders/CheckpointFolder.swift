package import Foundation

/// The weights in a Hugging Face checkpoint folder, whichever of the usual files they are in.
///
/// Opening maps the files and reads their headers; values are read when a tensor is.
package struct CheckpointFolder: Sendable {
  package let url: URL
  package let format: WeightsFormat
  /// The files that hold the weights.
  package let weightFiles: [URL]
  /// The names of all tensors, in the order of the files.
  package let names: [String]
  /// What the first safetensors file says of itself, as `"format": "pt"`.
  package let metadata: [String: String]
  /// For tied weights that are stored once: the name that is left out, and the name that is stored. Only
  /// safetensors' own `save_model` writes these down; Transformers leaves it to the model to know.
  package let tiedNames: [String: String]

  private let tensors: [String: StoredTensor]

  /// Opens the folder at `url`: `model.safetensors`, or the shards of `model.safetensors.index.json`, or the same of
  /// `pytorch_model.bin`, whichever is found first; where there is none of these, the only file whose name ends in `.pth`.
  ///
  /// - Throws: `CheckpointError` if something is missing, and the errors of the files' own readers.
  /// - Parameter formats: which formats to read, the preferred one first.
  package init(at url: URL, formats: [WeightsFormat] = [.safetensors, .pytorch]) throws {
    let weights = try WeightsLocation.find(in: url, formats: formats)
    var tensors: [String: StoredTensor] = [:]
    var names: [String] = []
    var metadata: [String: String] = [:]
    for (number, shard) in weights.shards.enumerated() {
      let contents = try Self.contents(of: shard.url, format: weights.format)
      if number == 0 { metadata = contents.metadata }
      let stored = Dictionary(contents.tensors.map { ($0.name, $0) }) { first, _ in first }
      for name in shard.names ?? contents.tensors.map(\.name) {
        guard let tensor = stored[name] else {
          throw CheckpointError.missingFromShard(
            index: weights.index.path, tensor: name, shard: shard.url.lastPathComponent)
        }
        if tensors.updateValue(tensor, forKey: name) == nil { names.append(name) }
      }
    }
    self.url = url
    format = weights.format
    weightFiles = weights.shards.map(\.url)
    tiedNames = metadata.filter { tensors[$0.key] == nil && tensors[$0.value] != nil }
    self.names = names
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The tensor `name`, or nil if it isn't stored, be it under the name it is tied to.
  package subscript(name: String) -> StoredTensor? {
    tensors[name] ?? tiedNames[name].flatMap { tensors[$0] }
  }

  /// The tensor `name`.
  ///
  /// - Throws: `CheckpointError.noTensor` if it isn't there.
  package func tensor(named name: String) throws -> StoredTensor {
    guard let tensor = self[name] else { throw CheckpointError.noTensor(path: url.path, name: name) }
    return tensor
  }

  private static func contents(
    of url: URL, format: WeightsFormat
  ) throws -> (tensors: [StoredTensor], metadata: [String: String]) {
    switch format {
    case .safetensors:
      let file = try SafetensorsFile(at: url)
      return (file.tensors, file.metadata)
    case .pytorch:
      return (try PyTorchFile(at: url, isRun: WeightsLocation.isOriginal(url.lastPathComponent)).tensors, [:])
    }
  }
}
