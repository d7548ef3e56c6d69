import VignetteTensors

/// What makes logits of a decoder's last hidden states.
protocol VocabularyHead {
  /// Hidden states [..., C] → logits [..., V], float32.
  func callAsFunction(_ x: Tensor) -> Tensor
}

/// A head that is one matrix, which may be the embedding of the words, and perhaps a bias.
struct WordProjection: VocabularyHead {
  /// [V, C]
  let weight: Parameter
  /// [V]
  var bias: Parameter?

  func callAsFunction(_ x: Tensor) -> Tensor { linear(x, weight, bias, output: .float32) }
}

extension WordProjection {
  /// A head that may be the embedding, and has no bias.
  init(_ weights: WeightScope, _ shape: [Int], tiedTo words: Parameter?, deviation: Double) {
    self.init(weight: Self.weight(weights, shape, tiedTo: words, deviation: deviation))
  }

  /// The matrix alone.
  ///
  /// - Parameters:
  ///   - weights: the scope of the head, in which `weight` stands where it isn't the embedding.
  ///   - shape: [V, C]
  ///   - words: the embedding that it is, unless the checkpoint has another; nil for a matrix of its own.
  static func weight(_ weights: WeightScope, _ shape: [Int], tiedTo words: Parameter?, deviation: Double)
    -> Parameter
  {
    guard let words else { return weights.parameter("weight", shape, .normal(deviation)) }
    return weights.tiedParameter("weight", to: words, shape, .normal(deviation)) ?? words
  }
}
