import VignetteTensors

/// Weights of a new captioner: those of a pretrained encoder and a pretrained decoder, as far as they are given, and
/// fresh ones for what neither has, such as the attention to the image.
package final class PretrainedWeights: WeightSource {
  /// A model's checkpoint, and what may stand there before the names of its body (`base_model_prefix`).
  package struct Half {
    let source: CheckpointWeights
    let prefix: String
  }

  /// By the first component of the captioner's names.
  private let halves: [String: Half]
  private let fresh: any WeightSource
  /// The names of weights that no checkpoint had.
  package private(set) var freshNames: [String] = []

  /// - Parameters:
  ///   - halves: pretrained models, by the scope of the captioner that each becomes.
  ///   - fresh: where weights come from that no half has.
  package init(_ halves: [String: Half], fresh: any WeightSource) {
    self.halves = halves
    self.fresh = fresh
  }

  package func hasWeight(named name: String) -> Bool { stored(name) != nil }

  package func weight(named name: String, shape: [Int], initialization: Initialization) throws
    -> LoadedWeight?
  {
    if let (source, key) = stored(name) {
      return try source.weight(named: key, shape: shape, initialization: initialization)
    }
    freshNames.append(name)
    return try fresh.weight(named: name, shape: shape, initialization: initialization)
  }

  /// The checkpoint that has a weight, and what it calls it: a model without a head leaves the prefix of its body
  /// away, and one with a head of another kind puts it before. The first BERTs, converted from TensorFlow, call a
  /// layer norm's weight and bias gamma and beta.
  private func stored(_ name: String) -> (CheckpointWeights, String)? {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let half = halves[String(parts[0])] else { return nil }
    let own = String(parts[1])
    var spellings = ["\(half.prefix).\(own)", own]
    if own.hasPrefix("\(half.prefix).") { spellings.append(String(own.dropFirst(half.prefix.count + 1))) }
    for (name, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where own.hasSuffix(name) {
      spellings += spellings.map { $0.dropLast(name.count) + old }
    }
    return spellings.first(where: half.source.hasWeight).map { (half.source, $0) }
  }
}
