import VignetteFiles
import VignetteTensors

/// BERT (Devlin et al., 2018) as a decoder with cross-attention, as Hugging Face's `BertLMHeadModel` computes it.
enum BERT {
  /// What other models on BERT add, tables of 0, 1, 2, …, and the bias that an untied head doesn't use.
  static let ignoredKeys = [
    "pooler.dense.weight", "pooler.dense.bias", "cls.seq_relationship.weight", "cls.seq_relationship.bias",
    "embeddings.position_ids", "embeddings.token_type_ids", "cls.predictions.bias",
  ]

  static func makeDecoder(_ weights: WeightScope, _ c: BERTConfiguration) -> PostNormDecoder {
    let embeddings = TokenEmbeddings(
      bert: weights["bert.embeddings"], c, positionPadding: nil,
      head: weights.joined("cls.predictions.decoder.weight"))
    let layers = (0..<c.numHiddenLayers).map {
      PostNormLayer(bert: weights["bert.encoder.layer.\($0)"], c, index: $0)
    }
    let predictions = weights["cls.predictions"]
    let head = TransformedHead(
      transform: c.linear(predictions["transform.dense"]), activation: c.hiddenAct,
      norm: c.norm(predictions["transform.LayerNorm"]), bert: predictions, words: embeddings.words, c)
    return PostNormDecoder(
      embeddings: embeddings, layers: layers, output: head, positions: .counted,
      vocabularySize: c.vocabSize, width: c.hiddenSize, maximumLength: c.maxPositionEmbeddings)
  }
}

/// Hugging Face's `BertConfig`, and `RobertaConfig`, which differs in defaults.
struct BERTConfiguration {
  let vocabSize: Int
  let hiddenSize: Int
  let numHiddenLayers: Int
  let numAttentionHeads: Int
  let intermediateSize: Int
  let hiddenAct: Activation
  let hiddenDropoutProb: Float
  let attentionProbsDropoutProb: Float
  let maxPositionEmbeddings: Int
  let typeVocabSize: Int
  let initializerRange: Double
  let layerNormEps: Float
  let padTokenID: Int
  let tieWordEmbeddings: Bool

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, vocabSize defaultSize: Int = 30522, padTokenID defaultPadding: Int = 0) throws {
    vocabSize = try json["vocab_size"].size(default: defaultSize)
    hiddenSize = try json["hidden_size"].size(default: 768)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(of: hiddenSize, default: 12)
    intermediateSize = try json["intermediate_size"].size(default: 3072)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0.1)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0.1)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 512)
    typeVocabSize = try json["type_vocab_size"].size(default: 2)
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-12))
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: defaultPadding)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: true)
    guard try json["position_embedding_type"].value(default: "absolute") == "absolute" else {
      throw json["position_embedding_type"].mismatch(
        expected: "\"absolute\": positions relative to each other are not supported")
    }
    try json.requireCrossAttention()
  }
}

extension BERTConfiguration {
  func linear(_ weights: WeightScope) -> Linear { linear(weights, from: hiddenSize, to: hiddenSize) }

  func norm(_ weights: WeightScope) -> LayerNorm {
    LayerNorm(weights, width: hiddenSize, epsilon: layerNormEps)
  }

  fileprivate func linear(_ weights: WeightScope, from input: Int, to output: Int) -> Linear {
    Linear(weights, from: input, to: output, deviation: initializerRange)
  }

  fileprivate func attention(isCausal: Bool) -> AttentionOptions {
    AttentionOptions(
      heads: numAttentionHeads, scale: 1 / Float(hiddenSize / numAttentionHeads).squareRoot(),
      isCausal: isCausal, dropout: attentionProbsDropoutProb)
  }
}

extension TokenEmbeddings {
  /// - Parameter head: the full name of the projection to words, which may be the embedding.
  init(bert weights: WeightScope, _ c: BERTConfiguration, positionPadding: Int?, head: String) {
    self.init(
      words: weights.parameter(
        "word_embeddings.weight", [c.vocabSize, c.hiddenSize],
        .embedding(c.initializerRange, padding: c.padTokenID), twin: c.tieWordEmbeddings ? head : nil),
      positionTable: weights.parameter(
        "position_embeddings.weight", [c.maxPositionEmbeddings, c.hiddenSize],
        .embedding(c.initializerRange, padding: positionPadding)),
      tokenTypes: weights.parameter(
        "token_type_embeddings.weight", [c.typeVocabSize, c.hiddenSize], .normal(c.initializerRange)),
      norm: c.norm(weights["LayerNorm"]), dropout: c.hiddenDropoutProb, wordPadding: c.padTokenID,
      positionPadding: positionPadding)
  }
}

extension PostNormLayer {
  init(bert weights: WeightScope, _ c: BERTConfiguration, index: Int) {
    self.init(
      selfAttention: DecoderSelfAttention(
        project: .separate([
          c.linear(weights["attention.self.query"]), c.linear(weights["attention.self.key"]),
          c.linear(weights["attention.self.value"]),
        ]),
        output: c.linear(weights["attention.output.dense"]), options: c.attention(isCausal: true),
        dropout: c.hiddenDropoutProb, layer: index),
      selfNorm: c.norm(weights["attention.output.LayerNorm"]),
      crossAttention: DecoderCrossAttention(
        query: c.linear(weights["crossattention.self.query"]),
        keysAndValues: .separate([
          c.linear(weights["crossattention.self.key"]), c.linear(weights["crossattention.self.value"]),
        ]),
        output: c.linear(weights["crossattention.output.dense"]), options: c.attention(isCausal: false),
        dropout: c.hiddenDropoutProb, layer: index),
      crossNorm: .after(c.norm(weights["crossattention.output.LayerNorm"])),
      expand: c.linear(weights["intermediate.dense"], from: c.hiddenSize, to: c.intermediateSize),
      contract: c.linear(weights["output.dense"], from: c.intermediateSize, to: c.hiddenSize),
      activation: c.hiddenAct, dropout: c.hiddenDropoutProb, norm: c.norm(weights["output.LayerNorm"]))
  }
}

extension TransformedHead {
  /// A head whose projection to words may be the embedding, and whose bias then stands outside of it: an
  /// untied one has a bias of its own there and leaves the other unused.
  init(
    transform: Linear, activation: Activation, norm: LayerNorm, bert weights: WeightScope, words: Parameter,
    _ c: BERTConfiguration
  ) {
    let decoder = weights["decoder"]
    let weight: Parameter
    let bias: Parameter
    if c.tieWordEmbeddings {
      weight =
        decoder.tiedParameter(
          "weight", to: words, [c.vocabSize, c.hiddenSize], .normal(c.initializerRange)) ?? words
      let own = weights.parameter("bias", [c.vocabSize], .zeros, twin: decoder.joined("bias"))
      bias = decoder.tiedParameter("bias", to: own, [c.vocabSize], .zeros) ?? own
    } else {
      weight = decoder.parameter("weight", [c.vocabSize, c.hiddenSize], .normal(c.initializerRange))
      bias = decoder.parameter("bias", [c.vocabSize], .zeros)
    }
    self.init(transform: transform, activation: activation, norm: norm, weight: weight, bias: bias)
  }
}
