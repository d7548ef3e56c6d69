public import VignetteCheckpoints
import VignetteFiles
import VignetteTensors

/// A checkpoint's tensors as a model's weights, used in place in the mapped file where they are float32.
public struct CheckpointWeights: WeightSource {
  private let tensors: [String: StoredTensor]

  public init(_ tensors: some Sequence<StoredTensor>) {
    self.tensors = Dictionary(tensors.map { ($0.name, $0) }) { first, _ in first }
  }

  public func hasWeight(named name: String) -> Bool { tensors[name] != nil }

  public func weight(named name: String, shape: [Int], initialization: Initialization) throws -> LoadedWeight?
  {
    guard let stored = tensors[name] else { return nil }
    guard stored.shape == shape else {
      throw WeightsError.shape(name: name, file: stored.file.path, expected: shape, found: stored.shape)
    }
    if stored.elementType == .float32 && stored.isContiguous && stored.isAligned {
      let range = stored.byteOffset..<stored.byteOffset + stored.byteCount
      let value = stored.withUnsafeBytes { Tensor(borrowing: $0, shape: shape, owner: stored.file) }
      return LoadedWeight(value) { [file = stored.file] in file.release(range) }
    }
    return LoadedWeight(Tensor(shape: shape) { stored.copy(into: $0) })
  }

  /// Checks that the checkpoint holds nothing that the model doesn't know.
  ///
  /// - Parameters:
  ///   - requested: the names that the model asked for.
  ///   - ignoredEndings: endings of names that may be left out, such as a pooler's.
  /// - Throws: ``WeightsError/unexpected(_:)`` with the other names.
  func checkForUnexpected(requested: Set<String>, ignoredEndings: [String]) throws {
    let unexpected = tensors.keys.filter { name in
      !requested.contains(name) && !ignoredEndings.contains { name.hasSuffix($0) }
    }
    if !unexpected.isEmpty { throw WeightsError.unexpected(unexpected.sorted()) }
  }
}
