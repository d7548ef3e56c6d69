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

/// Hugging Face's `BertConfig`, and those of its kin, which differ in defaults.
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

  /// What BERT's kin differ in where a file doesn't say it.
  struct Defaults {
    var vocabSize = 30522
    var hiddenSize = 768
    var numHiddenLayers = 12
    var numAttentionHeads = 12
    var intermediateSize = 3072
    var padTokenID = 0
  }

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, defaults: Defaults = Defaults()) throws {
    vocabSize = try json["vocab_size"].size(default: defaults.vocabSize)
    hiddenSize = try json["hidden_size"].size(default: defaults.hiddenSize)
    numHiddenLayers = try json["num_hidden_layers"].size(default: defaults.numHiddenLayers, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(
      of: hiddenSize, default: defaults.numAttentionHeads)
    intermediateSize = try json["intermediate_size"].size(default: defaults.intermediateSize)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0.1)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0.1)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 512)
    typeVocabSize = try json["type_vocab_size"].size(default: 2)
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-12))
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: defaults.padTokenID)
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

  func norm(_ weights: WeightScope) -> LayerNorm { norm(weights, width: hiddenSize) }

  func norm(_ weights: WeightScope, width: Int) -> LayerNorm {
    LayerNorm(weights, width: width, epsilon: layerNormEps)
  }

  func linear(_ weights: WeightScope, from input: Int, to output: Int) -> Linear {
    Linear(weights, from: input, to: output, deviation: initializerRange)
  }

  func attention(isCausal: Bool) -> AttentionOptions {
    AttentionOptions(
      heads: numAttentionHeads, scale: 1 / Float(hiddenSize / numAttentionHeads).squareRoot(),
      isCausal: isCausal, dropout: attentionProbsDropoutProb)
  }
}

extension TokenEmbeddings {
  /// - Parameters:
  ///   - width: of the embeddings, where that is not the layers'.
  ///   - head: the full name of the projection to words, which may be the embedding.
  init(
    bert weights: WeightScope, _ c: BERTConfiguration, width: Int? = nil, hasTokenTypes: Bool = true,
    positionPadding: Int?, head: String
  ) {
    let width = width ?? c.hiddenSize
    self.init(
      words: weights.parameter(
        "word_embeddings.weight", [c.vocabSize, width],
        .embedding(c.initializerRange, padding: c.padTokenID), twin: c.tieWordEmbeddings ? head : nil),
      positionTable: weights.parameter(
        "position_embeddings.weight", [c.maxPositionEmbeddings, width],
        .embedding(c.initializerRange, padding: positionPadding)),
      tokenTypes: hasTokenTypes
        ? weights.parameter(
          "token_type_embeddings.weight", [c.typeVocabSize, width], .normal(c.initializerRange)) : nil,
      norm: c.norm(weights["LayerNorm"], width: width), dropout: c.hiddenDropoutProb,
      wordPadding: c.padTokenID,
      positionPadding: positionPadding)
  }
}

extension PostNormLayer {
  /// - Parameters:
  ///   - imageWidth: of the states that it attends to, where that is not its own.
  ///   - isCausal: whether a token sees only itself and what comes before it.
  init(
    bert weights: WeightScope, _ c: BERTConfiguration, imageWidth: Int? = nil, isCausal: Bool = true,
    index: Int
  ) {
    func ofImage(_ weights: WeightScope) -> Linear {
      c.linear(weights, from: imageWidth ?? c.hiddenSize, to: c.hiddenSize)
    }
    self.init(
      selfAttention: DecoderSelfAttention(
        project: .separate([
          c.linear(weights["attention.self.query"]), c.linear(weights["attention.self.key"]),
          c.linear(weights["attention.self.value"]),
        ]),
        output: c.linear(weights["attention.output.dense"]), options: c.attention(isCausal: isCausal),
        dropout: c.hiddenDropoutProb, layer: index),
      selfNorm: c.norm(weights["attention.output.LayerNorm"]),
      crossAttention: DecoderCrossAttention(
        query: c.linear(weights["crossattention.self.query"]),
        keysAndValues: .separate([
          ofImage(weights["crossattention.self.key"]), ofImage(weights["crossattention.self.value"]),
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
  init(
    transform: Linear, activation: Activation, norm: LayerNorm, bert weights: WeightScope, words: Parameter,
    _ c: BERTConfiguration
  ) {
    let (weight, bias) = c.vocabulary(weights, words)
    self.init(transform: transform, activation: activation, norm: norm, weight: weight, bias: bias)
  }
}

extension WordProjection {
  init(bert weights: WeightScope, words: Parameter, _ c: BERTConfiguration) {
    let (weight, bias) = c.vocabulary(weights, words)
    self.init(weight: weight, bias: bias)
  }
}

extension BERTConfiguration {
  /// A projection to words that may be the embedding, and whose bias then stands outside of it: an untied one has a
  /// bias of its own there and leaves the other unused.
  fileprivate func vocabulary(_ weights: WeightScope, _ words: Parameter) -> (
    weight: Parameter, bias: Parameter
  ) {
    let decoder = weights["decoder"]
    let weight = WordProjection.weight(
      decoder, [vocabSize, hiddenSize], tiedTo: tieWordEmbeddings ? words : nil, deviation: initializerRange)
    guard tieWordEmbeddings else { return (weight, decoder.parameter("bias", [vocabSize], .zeros)) }
    let own = weights.parameter("bias", [vocabSize], .zeros, twin: decoder.joined("bias"))
    return (weight, decoder.tiedParameter("bias", to: own, [vocabSize], .zeros) ?? own)
  }
}
