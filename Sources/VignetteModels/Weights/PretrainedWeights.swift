import VignetteCheckpoints
import VignetteFiles
import VignetteTensors

/// Weights of a new captioner: those of a pretrained encoder and a pretrained decoder, as far as they are given, and
/// fresh ones for what neither has, such as the attention to the image.
public final class PretrainedWeights: WeightSource {
  /// Each half's checkpoint, and the prefix that its model may have there.
  private let halves: [String: (source: CheckpointWeights, prefix: String)]
  private let fresh: RandomWeights
  /// The names of weights that neither checkpoint had.
  public private(set) var freshNames: [String] = []

  /// - Parameters:
  ///   - encoder: a pretrained encoder's weights; nil for a new one.
  ///   - decoder: a pretrained decoder's.
  ///   - configuration: of the captioner, which names the two architectures.
  ///   - seed: what fresh weights are drawn from.
  public init(
    encoder: CheckpointWeights?, decoder: CheckpointWeights?,
    for configuration: VisionEncoderDecoderConfiguration,
    seed: UInt64
  ) throws {
    var halves: [String: (source: CheckpointWeights, prefix: String)] = [:]
    if let encoder {
      halves["encoder"] = (encoder, try EncoderArchitecture(configuration.encoder).checkpointPrefix)
    }
    if let decoder {
      halves["decoder"] = (decoder, try DecoderArchitecture(configuration.decoder).checkpointPrefix)
    }
    self.halves = halves
    fresh = RandomWeights(seed: seed)
  }

  public func hasWeight(named name: String) -> Bool { stored(name) != nil }

  public func weight(named name: String, shape: [Int], initialization: Initialization) throws -> LoadedWeight?
  {
    if let (source, key) = stored(name) {
      return try source.weight(named: key, shape: shape, initialization: initialization)
    }
    freshNames.append(name)
    return fresh.weight(named: name, shape: shape, initialization: initialization)
  }

  /// The checkpoint that has a weight, and what it calls it: a model without a head leaves the prefix of its body
  /// away, and one with a head of another kind puts it before. The first BERTs, converted from TensorFlow, call a
  /// layer norm's weight and bias gamma and beta.
  private func stored(_ name: String) -> (CheckpointWeights, String)? {
    let parts = name.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, let (source, prefix) = halves[String(parts[0])] else { return nil }
    let own = String(parts[1])
    var spellings = ["\(prefix).\(own)", own]
    if own.hasPrefix("\(prefix).") { spellings.append(String(own.dropFirst(prefix.count + 1))) }
    for (name, old) in [("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta")]
    where own.hasSuffix(name) {
      spellings += spellings.map { $0.dropLast(name.count) + old }
    }
    return spellings.first(where: source.hasWeight).map { (source, $0) }
  }
}
