import VignetteTensors

/// A decoder made of what BERT and its kin are made of.
struct PostNormDecoder: TextDecoder {
  let embeddings: TokenEmbeddings
  let layers: [PostNormLayer]
  let output: any VocabularyHead
  let positions: TokenPositions
  let vocabularySize: Int
  let width: Int
  let maximumLength: Int
  /// The width of the states that it attends to, where that is not its own.
  var crossAttentionWidth: Int?
  /// The probability with which training leaves a layer out.
  var layerDrop: Float = 0

  var layerCount: Int { layers.count }
  var imageWidth: Int { crossAttentionWidth ?? width }

  func embed(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor {
    embeddings(tokens, at: positions, on: tape)
  }

  func transform(_ embedded: Tensor, _ context: DecoderContext) -> Tensor {
    layers.reduce(embedded) { x, layer in context.apply(x, layerDrop: layerDrop) { layer($0, $1) } }
  }

  func head(_ hidden: Tensor) -> Tensor { output(hidden) }
}

/// A decoder layer of the original Transformer (Vaswani et al., 2017): attention to the tokens, attention to
/// the image, feed-forward, each added to its input and then normalised.
///
/// What runs from norm to norm is float32, whatever products compute in.
struct PostNormLayer {
  let selfAttention: DecoderSelfAttention
  let selfNorm: LayerNorm
  let crossAttention: DecoderCrossAttention
  let crossNorm: CrossNorm
  let expand: Linear
  let contract: Linear
  let activation: Activation
  /// What share of the feed-forward's output is dropped.
  let dropout: Float
  /// What share of what stands between the two is dropped.
  var activationDropout: Float = 0
  let norm: LayerNorm

  /// Where the layer norm of the attention to the image stands.
  enum CrossNorm {
    /// norm(x + attention(x))
    case after(LayerNorm)
    /// x + attention(norm(x)), which is x where attention gives nothing.
    case before(LayerNorm)
  }

  /// [..., C] → [..., C], both float32.
  func callAsFunction(_ x: Tensor, _ context: DecoderContext) -> Tensor {
    feedForward(attendToImage(selfNorm(selfAttention(x, adding: x, context), output: .float32), context))
  }

  /// The same of a text that has no image, or of a text encoder that shares its layers.
  func withoutImage(_ x: Tensor) -> Tensor {
    feedForward(selfNorm(selfAttention(x, adding: x, nil), output: .float32))
  }

  private func feedForward(_ x: Tensor) -> Tensor {
    let hidden = VignetteTensors.dropout(expand(x, activation: activation), probability: activationDropout)
    return norm(contract(hidden, adding: x, dropout: dropout), output: .float32)
  }

  private func attendToImage(_ x: Tensor, _ context: DecoderContext) -> Tensor {
    switch crossNorm {
    case .after(let norm): norm(crossAttention(x, adding: x, context), output: .float32)
    case .before(let norm): crossAttention(norm(x), adding: x, context)
    }
  }
}

/// Words, positions and, where there are any, token types, added up and, as a rule, normalised.
struct TokenEmbeddings {
  let words: Parameter
  let positionTable: Parameter
  /// A caption is all of the first type.
  let tokenTypes: Parameter?
  let norm: LayerNorm?
  let dropout: Float
  /// The word that fills rows, whose embedding a lookup doesn't train.
  let wordPadding: Int?
  /// The same for positions.
  let positionPadding: Int?
  /// What words are multiplied by.
  var wordScale: Float = 1
  /// To the decoder's width, where the embeddings have another.
  var projection: Linear?

  /// N tokens at their positions → [N, C], float32.
  func callAsFunction(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor {
    var lookups = [Lookup(tokens, in: words, paddingIndex: wordPadding, scale: wordScale)]
    if let tokenTypes { lookups.append(Lookup([Int32](repeating: 0, count: tokens.count), in: tokenTypes)) }
    lookups.append(Lookup(positions, in: positionTable, paddingIndex: positionPadding))
    let sum = embedding(lookups, on: tape)
    let dropped = VignetteTensors.dropout(norm?(sum, output: .float32) ?? sum, probability: dropout)
    return projection?(dropped, output: .float32) ?? dropped
  }
}

/// The head of BERT's masked language model: a dense layer, an activation and a layer norm before the words.
struct TransformedHead: VocabularyHead {
  let transform: Linear
  let activation: Activation
  let norm: LayerNorm
  /// [V, C]
  let weight: Parameter
  /// [V]
  let bias: Parameter

  /// Hidden states [..., C] → logits [..., V].
  func callAsFunction(_ x: Tensor) -> Tensor {
    let transformed = norm(transform(x, activation: activation, output: .float32))
    return linear(transformed, weight, bias, output: .float32)
  }
}
