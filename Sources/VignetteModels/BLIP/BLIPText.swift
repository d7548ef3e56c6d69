import VignetteFiles
import VignetteTensors

/// BLIP's text decoder, Hugging Face's `BlipTextLMHeadModel`: a BERT without token types, whose layers attend to image
/// states of their own width.
enum BLIPText {
  /// A table of 0, 1, 2, …, and the bias that an untied head doesn't use.
  static let ignoredKeys = ["embeddings.position_ids", "cls.predictions.bias"]

  static func makeDecoder(_ weights: WeightScope, _ c: BERTConfiguration, imageWidth: Int) -> PostNormDecoder
  {
    let predictions = weights["cls.predictions"]
    let embeddings = TokenEmbeddings(
      blip: weights["bert.embeddings"], c, head: predictions.joined("decoder.weight"))
    let layers = (0..<c.numHiddenLayers).map {
      PostNormLayer(bert: weights["bert.encoder.layer.\($0)"], c, imageWidth: imageWidth, index: $0)
    }
    let head = TransformedHead(
      transform: c.linear(predictions["transform.dense"]), activation: c.hiddenAct,
      norm: c.norm(predictions["transform.LayerNorm"]), bert: predictions, words: embeddings.words, c)
    return PostNormDecoder(
      embeddings: embeddings, layers: layers, output: head, positions: .counted,
      vocabularySize: c.vocabSize, width: c.hiddenSize, maximumLength: c.maxPositionEmbeddings)
  }
}

extension BERTConfiguration {
  static let blipVocabularySize = 30524

  /// Hugging Face's `BlipTextConfig`, which stands in a `BlipConfig`.
  ///
  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(blip whole: JSONField) throws {
    let json = whole["text_config"]
    vocabSize = try json["vocab_size"].size(default: Self.blipVocabularySize)
    hiddenSize = try json["hidden_size"].size(default: 768)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(of: hiddenSize, default: 8)
    intermediateSize = try json["intermediate_size"].size(default: 3072)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 512)
    typeVocabSize = 0
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-12))
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: 0)
    // The model as a whole and its text part tie the same weights, each on its own account.
    let isTied: Bool = try whole["tie_word_embeddings"].value(default: true)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: true) || isTied
    guard try json["is_decoder"].value(default: true) else {
      throw json["is_decoder"].mismatch(expected: "true: a captioner's decoder attends to the image")
    }
  }
}

extension TokenEmbeddings {
  /// - Parameter head: the full name of the projection to words, which may be the embedding; nil where there is none.
  init(blip weights: WeightScope, _ c: BERTConfiguration, head: String?) {
    self.init(
      words: weights.parameter(
        "word_embeddings.weight", [c.vocabSize, c.hiddenSize],
        .embedding(c.initializerRange, padding: c.padTokenID), twin: c.tieWordEmbeddings ? head : nil),
      positionTable: weights.parameter(
        "position_embeddings.weight", [c.maxPositionEmbeddings, c.hiddenSize], .normal(c.initializerRange)),
      tokenTypes: nil, norm: c.norm(weights["LayerNorm"]), dropout: c.hiddenDropoutProb,
      wordPadding: c.padTokenID, positionPadding: nil)
  }
}
