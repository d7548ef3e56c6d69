import VignetteFiles
import VignetteTensors

/// RoBERTa (Liu et al., 2019) as a decoder with cross-attention, as Hugging Face's `RobertaForCausalLM` computes
/// it: BERT's layers, positions that begin behind the padding token's, and a head of its own names.
///
/// XLM-RoBERTa (Conneau et al., 2019) and CamemBERT (Martin et al., 2019) are the same under the same names.
enum RoBERTa {
  /// A pooler, tables of 0, 1, 2, …, and the bias that an untied head doesn't use.
  static let ignoredKeys = [
    "pooler.dense.weight", "pooler.dense.bias", "embeddings.position_ids", "embeddings.token_type_ids",
    "lm_head.bias",
  ]

  /// - Parameter defaultSize: of the vocabulary.
  /// - Throws: `JSONError` naming a field that doesn't fit.
  static func configuration(_ json: JSONField, vocabSize defaultSize: Int = 50265) throws -> BERTConfiguration
  {
    let c = try BERTConfiguration(
      json, defaults: BERTConfiguration.Defaults(vocabSize: defaultSize, padTokenID: 1))
    guard c.maxPositionEmbeddings > c.padTokenID + 1 else {
      throw json["max_position_embeddings"].mismatch(
        expected: "more than pad_token_id + 1 = \(c.padTokenID + 1), where positions begin")
    }
    return c
  }

  static func makeDecoder(_ weights: WeightScope, _ c: BERTConfiguration) -> PostNormDecoder {
    let embeddings = TokenEmbeddings(
      bert: weights["roberta.embeddings"], c, positionPadding: c.padTokenID,
      head: weights.joined("lm_head.decoder.weight"))
    let layers = (0..<c.numHiddenLayers).map {
      PostNormLayer(bert: weights["roberta.encoder.layer.\($0)"], c, index: $0)
    }
    let lmHead = weights["lm_head"]
    // The head is GELU's, whatever activation the layers have.
    let head = TransformedHead(
      transform: c.linear(lmHead["dense"]), activation: .gelu, norm: c.norm(lmHead["layer_norm"]),
      bert: lmHead, words: embeddings.words, c)
    return PostNormDecoder(
      embeddings: embeddings, layers: layers, output: head, positions: .countedFromPadding(c.padTokenID),
      vocabularySize: c.vocabSize, width: c.hiddenSize,
      maximumLength: c.maxPositionEmbeddings - c.padTokenID - 1)
  }
}
