import VignetteFiles
import VignetteTensors

/// ELECTRA (Clark et al., 2020) as a decoder with cross-attention, as Hugging Face's `ElectraForCausalLM` computes it:
/// BERT's layers, embeddings that may be narrower than they, and the head of ELECTRA's generator.
enum ELECTRA {
  /// The discriminator's head, and tables of 0, 1, 2, ….
  static let ignoredKeys = [
    "discriminator_predictions.dense.weight", "discriminator_predictions.dense.bias",
    "discriminator_predictions.dense_prediction.weight", "discriminator_predictions.dense_prediction.bias",
    "embeddings.position_ids", "embeddings.token_type_ids",
  ]

  static func makeDecoder(_ weights: WeightScope, _ c: ELECTRAConfiguration) -> PostNormDecoder {
    let bert = c.bert
    let body = weights["electra"]
    var embeddings = TokenEmbeddings(
      bert: body["embeddings"], bert, width: c.embeddingSize, positionPadding: nil,
      head: weights.joined("generator_lm_head.weight"))
    if c.embeddingSize != bert.hiddenSize {
      embeddings.projection = bert.linear(
        body["embeddings_project"], from: c.embeddingSize, to: bert.hiddenSize)
    }
    let layers = (0..<bert.numHiddenLayers).map {
      PostNormLayer(bert: body["encoder.layer.\($0)"], bert, index: $0)
    }
    let (predictions, head) = (weights["generator_predictions"], weights["generator_lm_head"])
    // The head is GELU's, whatever activation the layers have.
    let output = TransformedHead(
      transform: bert.linear(predictions["dense"], from: bert.hiddenSize, to: c.embeddingSize),
      activation: .gelu, norm: bert.norm(predictions["LayerNorm"], width: c.embeddingSize),
      weight: WordProjection.weight(
        head, [bert.vocabSize, c.embeddingSize], tiedTo: bert.tieWordEmbeddings ? embeddings.words : nil,
        deviation: bert.initializerRange),
      bias: head.parameter("bias", [bert.vocabSize], .zeros))
    return PostNormDecoder(
      embeddings: embeddings, layers: layers, output: output, positions: .counted,
      vocabularySize: bert.vocabSize, width: bert.hiddenSize, maximumLength: bert.maxPositionEmbeddings)
  }
}

/// Hugging Face's `ElectraConfig`.
struct ELECTRAConfiguration {
  /// What BERT's has too.
  let bert: BERTConfiguration
  /// The width of the embeddings.
  let embeddingSize: Int

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    bert = try BERTConfiguration(
      json,
      defaults: BERTConfiguration.Defaults(
        hiddenSize: 256, numAttentionHeads: 4, intermediateSize: 1024))
    embeddingSize = try json["embedding_size"].size(default: 128)
  }
}
