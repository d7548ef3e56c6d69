package import Foundation
package import VignetteCheckpoints
import VignetteFiles
import VignetteTensors

/// A checkpoint's tensors as a model's weights, used in place in the mapped file where they are float32.
package struct CheckpointWeights: WeightSource {
  private let tensors: [String: StoredTensor]
  /// Whether only names and shapes are told, of weights without values.
  private var lacksValues = false

  package init(_ tensors: some Sequence<StoredTensor>) {
    self.tensors = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
  }

  /// The same names and shapes, for a model that is only to be checked against them: no value is read.
  package var withoutValues: CheckpointWeights {
    var copy = self
    copy.lacksValues = true
    return copy
  }

  /// The weights beside a folder's config.json.
  ///
  /// - Throws: `CheckpointError` or a reader's error, which name the file and what is wrong.
  package init(folder: URL) throws {
    let checkpoint = try CheckpointFolder(at: folder)
    self.init(checkpoint.names.compactMap { checkpoint[$0] })
  }

  package func hasWeight(named name: String) -> Bool { tensors[name] != nil }

  package func weight(named name: String, shape: [Int], initialization: Initialization) throws
    -> LoadedWeight?
  {
    guard let stored = tensors[name] else { return nil }
    guard stored.shape == shape else {
      throw ModelError.shape(name: name, file: stored.file.path, expected: shape, found: stored.shape)
    }
    if lacksValues { return .withoutValue }
    if stored.elementType == .float32 && stored.isContiguous && stored.isAligned {
      let range = stored.byteOffset..<stored.byteOffset + stored.byteCount
      let value = stored.withUnsafeBytes { Tensor(borrowing: $0, shape: shape, owner: stored.file) }
      return LoadedWeight(value) { [file = stored.file] in file.release(range) }
    }
    return LoadedWeight(Tensor(shape: shape) { stored.copy(into: $0) })
  }

  package func names(besides requested: Set<String>) -> [String] {
    tensors.keys.filter { !requested.contains($0) }
  }
}
