import VignetteTensors

/// Words, positions and, where there are any, token types, added up and normalised.
struct TokenEmbeddings {
  let words: Parameter
  let positions: Parameter
  /// A caption is all of the first type.
  let tokenTypes: Parameter?
  let norm: LayerNorm
  let dropout: Float
  /// The word that fills rows, whose embedding a lookup doesn't train.
  let wordPadding: Int?
  /// The same for positions.
  let positionPadding: Int?

  /// N tokens at their positions → [N, C], float32.
  func callAsFunction(_ tokens: [Int32], at places: [Int32], on tape: Tape?) -> Tensor {
    var lookups = [Lookup(tokens, in: words, paddingIndex: wordPadding)]
    if let tokenTypes { lookups.append(Lookup([Int32](repeating: 0, count: tokens.count), in: tokenTypes)) }
    lookups.append(Lookup(places, in: positions, paddingIndex: positionPadding))
    return VignetteTensors.dropout(norm(embedding(lookups, on: tape), output: .float32), probability: dropout)
  }
}
