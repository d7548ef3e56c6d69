import VignetteTensors

/// A decoder whose layers normalise what they take and leave the residual stream as it is, so that a last norm stands
/// before the words: GPT-2's and mBART's.
struct PreNormDecoder: TextDecoder {
  let embeddings: TokenEmbeddings
  let layers: [PreNormLayer]
  let norm: LayerNorm
  let output: any VocabularyHead
  let positions: TokenPositions
  let vocabularySize: Int
  let width: Int
  let maximumLength: Int
  /// The probability with which training leaves a layer out.
  var layerDrop: Float = 0

  var layerCount: Int { layers.count }

  func embed(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor {
    embeddings(tokens, at: positions, on: tape)
  }

  func transform(_ embedded: Tensor, _ context: DecoderContext) -> Tensor {
    layers.reduce(embedded) { x, layer in context.apply(x, layerDrop: layerDrop) { layer($0, $1) } }
  }

  func head(_ hidden: Tensor) -> Tensor { output(norm(hidden)) }
}

/// A pre-norm decoder layer: self-attention, attention to the image, feed-forward, each of its normalised input and
/// added to what it was before.
struct PreNormLayer {
  let selfNorm: LayerNorm
  let selfAttention: DecoderSelfAttention
  let crossNorm: LayerNorm
  let crossAttention: DecoderCrossAttention
  let feedForwardNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let activation: Activation
  /// What share of the feed-forward's output is dropped.
  let dropout: Float
  /// What share of what stands between the two is dropped.
  var activationDropout: Float = 0

  /// [..., C] → [..., C], both float32.
  func callAsFunction(_ x: Tensor, _ context: DecoderContext) -> Tensor {
    var x = selfAttention(selfNorm(x), adding: x, context)
    x = crossAttention(crossNorm(x), adding: x, context)
    let hidden = VignetteTensors.dropout(
      expand(feedForwardNorm(x), activation: activation), probability: activationDropout)
    return contract(hidden, adding: x, dropout: dropout)
  }
}
