import VignetteTensors

/// A decoder made of what BERT and its kin are made of.
struct PostNormDecoder: TextDecoder {
  let embeddings: TokenEmbeddings
  let layers: [PostNormLayer]
  let head: TransformedHead
  let positions: TokenPositions
  let maximumLength: Int

  var vocabularySize: Int { embeddings.words.shape[0] }
  var width: Int { embeddings.words.shape[1] }
  var layerCount: Int { layers.count }

  func embed(_ tokens: [Int32], at places: [Int32], on tape: Tape?) -> Tensor {
    embeddings(tokens, at: places, on: tape)
  }

  func decode(_ embedded: Tensor, _ context: DecoderContext) -> Tensor {
    head(layers.reduce(embedded) { x, layer in context.recomputed(x) { layer($0, $1) } })
  }
}
