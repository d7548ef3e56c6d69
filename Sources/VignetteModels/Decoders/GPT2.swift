import VignetteFiles
import VignetteTensors

/// GPT-2 (Radford et al., 2019) with cross-attention, as Hugging Face's `GPT2LMHeadModel` computes it.
enum GPT2 {
  /// Causal masks, which old versions of Transformers stored.
  static let ignoredKeys = [
    "attn.bias", "attn.masked_bias", "crossattention.bias", "crossattention.masked_bias",
  ]

  static func makeDecoder(_ weights: WeightScope, _ c: GPT2Configuration) -> PreNormDecoder {
    let body = weights["transformer"]
    let words = body.parameter(
      "wte.weight", [c.vocabSize, c.nEmbd], .normal(c.initializerRange),
      twin: c.tieWordEmbeddings ? weights.joined("lm_head.weight") : nil)
    let positionTable = body.parameter("wpe.weight", [c.nPositions, c.nEmbd], .normal(c.initializerRange))
    let layers = (0..<c.nLayer).map { PreNormLayer(gpt2: body["h.\($0)"], c, index: $0) }
    let norm = LayerNorm(body["ln_f"], width: c.nEmbd, epsilon: c.layerNormEpsilon)
    return PreNormDecoder(
      embeddings: TokenEmbeddings(
        words: words, positionTable: positionTable, tokenTypes: nil, norm: nil, dropout: c.embdPdrop,
        wordPadding: nil, positionPadding: nil),
      layers: layers, norm: norm,
      output: WordProjection(
        weights["lm_head"], [c.vocabSize, c.nEmbd], tiedTo: c.tieWordEmbeddings ? words : nil,
        deviation: c.initializerRange),
      positions: .counted, vocabularySize: c.vocabSize, width: c.nEmbd, maximumLength: c.nPositions)
  }
}

/// Hugging Face's `GPT2Config`.
struct GPT2Configuration {
  let vocabSize: Int
  let nPositions: Int
  let nEmbd: Int
  let nLayer: Int
  let nHead: Int
  let nInner: Int?
  let activationFunction: Activation
  let residPdrop: Float
  let embdPdrop: Float
  let attnPdrop: Float
  let layerNormEpsilon: Float
  let initializerRange: Double
  let scaleAttnWeights: Bool
  let scaleAttnByInverseLayerIdx: Bool
  let tieWordEmbeddings: Bool

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    vocabSize = try json["vocab_size"].size(default: 50257)
    nPositions = try json["n_positions", "max_position_embeddings"].size(default: 1024)
    nEmbd = try json["n_embd", "hidden_size"].size(default: 768)
    nLayer = try json["n_layer", "num_hidden_layers"].size(default: 12, upTo: 1024)
    nHead = try json["n_head", "num_attention_heads"].heads(of: nEmbd, default: 12)
    nInner = json["n_inner"].isPresent ? try json["n_inner"].size() : nil
    activationFunction = try json["activation_function"].activation(default: "gelu_new")
    residPdrop = try json["resid_pdrop"].probability(default: 0.1)
    embdPdrop = try json["embd_pdrop"].probability(default: 0.1)
    attnPdrop = try json["attn_pdrop"].probability(default: 0.1)
    layerNormEpsilon = Float(try json["layer_norm_epsilon"].positive(default: 1e-5))
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    scaleAttnWeights = try json["scale_attn_weights"].value(default: true)
    scaleAttnByInverseLayerIdx = try json["scale_attn_by_inverse_layer_idx"].value(default: false)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: true)
    try json.requireCrossAttention()
  }
}

extension PreNormLayer {
  fileprivate init(gpt2 weights: WeightScope, _ c: GPT2Configuration, index: Int) {
    func norm(_ name: String) -> LayerNorm {
      LayerNorm(weights[name], width: c.nEmbd, epsilon: c.layerNormEpsilon)
    }
    let inner = c.nInner ?? 4 * c.nEmbd
    self.init(
      selfNorm: norm("ln_1"), selfAttention: DecoderSelfAttention(gpt2: weights["attn"], c, index: index),
      crossNorm: norm("ln_cross_attn"),
      crossAttention: DecoderCrossAttention(gpt2: weights["crossattention"], c, index: index),
      feedForwardNorm: norm("ln_2"),
      expand: Linear(conv1D: weights["mlp.c_fc"], from: c.nEmbd, to: inner, c.initializerRange),
      contract: Linear(conv1D: weights["mlp.c_proj"], from: inner, to: c.nEmbd, c.residualDeviation),
      activation: c.activationFunction, dropout: c.residPdrop)
  }
}

extension DecoderSelfAttention {
  /// Queries, keys and values come from one matrix.
  fileprivate init(gpt2 weights: WeightScope, _ c: GPT2Configuration, index: Int) {
    self.init(
      project: .fused(
        Linear(conv1D: weights["c_attn"], from: c.nEmbd, to: 3 * c.nEmbd, c.initializerRange), parts: 3),
      output: Linear(conv1D: weights["c_proj"], from: c.nEmbd, to: c.nEmbd, c.residualDeviation),
      options: AttentionOptions(
        heads: c.nHead, scale: c.attentionScale(layer: index), isCausal: true, dropout: c.attnPdrop),
      dropout: c.residPdrop, layer: index)
  }
}

extension DecoderCrossAttention {
  /// Keys and values come from one matrix.
  fileprivate init(gpt2 weights: WeightScope, _ c: GPT2Configuration, index: Int) {
    self.init(
      query: Linear(conv1D: weights["q_attn"], from: c.nEmbd, to: c.nEmbd, c.initializerRange),
      keysAndValues: .fused(
        Linear(conv1D: weights["c_attn"], from: c.nEmbd, to: 2 * c.nEmbd, c.initializerRange), parts: 2),
      output: Linear(conv1D: weights["c_proj"], from: c.nEmbd, to: c.nEmbd, c.residualDeviation),
      options: AttentionOptions(heads: c.nHead, scale: c.attentionScale(layer: index), dropout: c.attnPdrop),
      dropout: c.residPdrop, layer: index)
  }
}

extension GPT2Configuration {
  /// Projections back into the residual stream start smaller, the more layers there are (GPT-2, section 2.3).
  fileprivate var residualDeviation: Double { initializerRange / Double(2 * nLayer).squareRoot() }

  fileprivate func attentionScale(layer: Int) -> Float {
    let scale = scaleAttnWeights ? 1 / Float(nEmbd / nHead).squareRoot() : 1
    return scaleAttnByInverseLayerIdx ? scale / Float(layer + 1) : scale
  }
}

extension Linear {
  fileprivate init(conv1D weights: WeightScope, from input: Int, to output: Int, _ deviation: Double) {
    self.init(weights, from: input, to: output, layout: .inputByOutput, deviation: deviation)
  }
}
