import VignetteFiles
import VignetteTensors

/// BART's decoder (Lewis et al., 2019), as Hugging Face's `BartForCausalLM` computes it: the original Transformer's with
/// learned positions, a layer norm behind the embeddings, and the embedding as its head.
enum BART {
  /// fairseq's version, and the bias of the head of the whole model, which the decoder alone leaves away.
  static let ignoredKeys = ["decoder.version", "final_logits_bias"]

  static func makeDecoder(_ weights: WeightScope, _ c: BARTConfiguration) -> PostNormDecoder {
    let body = c.body(weights)
    let embeddings = c.embeddings(body, head: weights.joined("lm_head.weight"))
    return PostNormDecoder(
      embeddings: embeddings,
      layers: (0..<c.decoderLayers).map {
        PostNormLayer(bart: body["layers.\($0)"], c, index: $0, imageWidth: c.dModel)
      },
      output: c.head(weights["lm_head"], embeddings.words),
      positions: .countedFrom(BARTConfiguration.firstPosition), vocabularySize: c.vocabSize, width: c.dModel,
      maximumLength: c.maxPositionEmbeddings, layerDrop: c.decoderLayerdrop)
  }
}

/// The decoder's part of Hugging Face's `BartConfig`, and of `MBartConfig` and `TrOCRConfig`, which add to it.
struct BARTConfiguration {
  let vocabSize: Int
  let maxPositionEmbeddings: Int
  let dModel: Int
  let decoderLayers: Int
  let decoderAttentionHeads: Int
  let decoderFFNDim: Int
  let activationFunction: Activation
  let dropout: Float
  let attentionDropout: Float
  let activationDropout: Float
  let decoderLayerdrop: Float
  let initStd: Double
  /// Whether words are multiplied by √C.
  let scaleEmbedding: Bool
  let padTokenID: Int
  let tieWordEmbeddings: Bool

  /// The row of the position table that the first token takes: fairseq counted from behind the padding's.
  static let firstPosition = 2

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, maxPositionEmbeddings defaultLength: Int = 1024) throws {
    vocabSize = try json["vocab_size"].size(default: 50265)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: defaultLength)
    dModel = try json["d_model", "hidden_size"].size(default: 1024)
    decoderLayers = try json["decoder_layers"].size(default: 12, upTo: 1024)
    decoderAttentionHeads = try json["decoder_attention_heads"].heads(of: dModel, default: 16)
    decoderFFNDim = try json["decoder_ffn_dim"].size(default: 4096)
    activationFunction = try json["activation_function"].activation(default: "gelu")
    dropout = try json["dropout"].probability(default: 0.1)
    attentionDropout = try json["attention_dropout"].probability(default: 0)
    activationDropout = try json["activation_dropout"].probability(default: 0)
    decoderLayerdrop = try json["decoder_layerdrop"].probability(default: 0)
    initStd = try json["init_std"].positive(default: 0.02)
    scaleEmbedding = try json["scale_embedding"].value(default: false)
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: 1)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: true)
  }
}

extension BARTConfiguration {
  /// Where the decoder stands, whose embedding a model with an encoder shares with it under another name.
  func body(_ weights: WeightScope) -> WeightScope {
    weights["model"].alsoNamed([("decoder.embed_tokens", "shared")])["decoder"]
  }

  /// - Parameters:
  ///   - head: the full name of the projection to words, which may be the embedding.
  ///   - positionTable: positions that aren't learned.
  ///   - hasNorm: whether a layer norm stands behind them.
  func embeddings(
    _ body: WeightScope, head: String, positionTable: Parameter? = nil, hasNorm: Bool = true
  ) -> TokenEmbeddings {
    TokenEmbeddings(
      words: body.parameter(
        "embed_tokens.weight", [vocabSize, dModel], .embedding(initStd, padding: padTokenID),
        twin: tieWordEmbeddings ? head : nil),
      positionTable: positionTable
        ?? body.parameter(
          "embed_positions.weight", [maxPositionEmbeddings + Self.firstPosition, dModel], .normal(initStd)),
      tokenTypes: nil, norm: hasNorm ? norm(body["layernorm_embedding"]) : nil, dropout: dropout,
      wordPadding: padTokenID, positionPadding: nil,
      wordScale: scaleEmbedding ? Float(dModel).squareRoot() : 1)
  }

  func head(_ weights: WeightScope, _ words: Parameter) -> WordProjection {
    WordProjection(
      weights, [vocabSize, dModel], tiedTo: tieWordEmbeddings ? words : nil, deviation: initStd)
  }

  func norm(_ weights: WeightScope) -> LayerNorm { LayerNorm(weights, width: dModel, epsilon: 1e-5) }

  func expand(_ layer: WeightScope) -> Linear {
    Linear(layer["fc1"], from: dModel, to: decoderFFNDim, deviation: initStd)
  }

  func contract(_ layer: WeightScope) -> Linear {
    Linear(layer["fc2"], from: decoderFFNDim, to: dModel, deviation: initStd)
  }

  fileprivate func linear(_ weights: WeightScope, from input: Int? = nil) -> Linear {
    Linear(weights, from: input ?? dModel, to: dModel, deviation: initStd)
  }

  fileprivate func attention(isCausal: Bool) -> AttentionOptions {
    AttentionOptions(
      heads: decoderAttentionHeads, scale: 1 / Float(dModel / decoderAttentionHeads).squareRoot(),
      isCausal: isCausal, dropout: attentionDropout)
  }
}

extension PostNormLayer {
  /// - Parameter imageWidth: of the states that the layer attends to.
  init(bart weights: WeightScope, _ c: BARTConfiguration, index: Int, imageWidth: Int) {
    self.init(
      selfAttention: DecoderSelfAttention(bart: weights["self_attn"], c, index: index),
      selfNorm: c.norm(weights["self_attn_layer_norm"]),
      crossAttention: DecoderCrossAttention(
        bart: weights["encoder_attn"], c, index: index, imageWidth: imageWidth),
      crossNorm: .after(c.norm(weights["encoder_attn_layer_norm"])), expand: c.expand(weights),
      contract: c.contract(weights), activation: c.activationFunction, dropout: c.dropout,
      activationDropout: c.activationDropout, norm: c.norm(weights["final_layer_norm"]))
  }
}

extension DecoderSelfAttention {
  init(bart weights: WeightScope, _ c: BARTConfiguration, index: Int) {
    self.init(
      project: .separate([
        c.linear(weights["q_proj"]), c.linear(weights["k_proj"]), c.linear(weights["v_proj"]),
      ]),
      output: c.linear(weights["out_proj"]), options: c.attention(isCausal: true), dropout: c.dropout,
      layer: index)
  }
}

extension DecoderCrossAttention {
  /// - Parameter imageWidth: of what keys and values are made of.
  init(bart weights: WeightScope, _ c: BARTConfiguration, index: Int, imageWidth: Int) {
    self.init(
      query: c.linear(weights["q_proj"]),
      keysAndValues: .separate([
        c.linear(weights["k_proj"], from: imageWidth), c.linear(weights["v_proj"], from: imageWidth),
      ]),
      output: c.linear(weights["out_proj"]), options: c.attention(isCausal: false), dropout: c.dropout,
      layer: index)
  }
}
