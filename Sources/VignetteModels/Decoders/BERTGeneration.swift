import VignetteFiles
import VignetteTensors

/// BERT as a generator of text (Rothe et al., 2020), as Hugging Face's `BertGenerationDecoder` computes it: BERT's layers
/// without token types, and a head that is one matrix with a bias.
enum BERTGeneration {
  /// A table of 0, 1, 2, …, and the bias that an untied head doesn't use.
  static let ignoredKeys = ["embeddings.position_ids", "lm_head.bias"]

  /// - Throws: `JSONError` naming a field that doesn't fit.
  static func configuration(_ json: JSONField) throws -> BERTConfiguration {
    try BERTConfiguration(
      json,
      defaults: BERTConfiguration.Defaults(
        vocabSize: 50358, hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16,
        intermediateSize: 4096))
  }

  static func makeDecoder(_ weights: WeightScope, _ c: BERTConfiguration) -> PostNormDecoder {
    let embeddings = TokenEmbeddings(
      bert: weights["bert.embeddings"], c, hasTokenTypes: false, positionPadding: nil,
      head: weights.joined("lm_head.decoder.weight"))
    let layers = (0..<c.numHiddenLayers).map {
      PostNormLayer(bert: weights["bert.encoder.layer.\($0)"], c, index: $0)
    }
    return PostNormDecoder(
      embeddings: embeddings, layers: layers,
      output: WordProjection(bert: weights["lm_head"], words: embeddings.words, c), positions: .counted,
      vocabularySize: c.vocabSize, width: c.hiddenSize, maximumLength: c.maxPositionEmbeddings)
  }
}
