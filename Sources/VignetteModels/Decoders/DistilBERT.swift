import VignetteFiles
import VignetteTensors

/// DistilBERT (Sanh et al., 2019) as a decoder, which Hugging Face doesn't have: a `DistilBertForMaskedLM` under a
/// causal mask, with attention to the image between self-attention and feed-forward of each layer.
///
/// What it adds to a checkpoint extends the names that are there, `decoder.distilbert.transformer.layer.N.`:
///
///     crossattention.q_lin, k_lin, v_lin, out_lin    weight and bias each, as in `attention`
///     ca_layer_norm                                  weight and bias, beside `sa_layer_norm`
///
/// The added norm stands before the attention, unlike the others: x + out_lin(attend(ca_layer_norm(x))) is x where
/// `out_lin` gives zero. The decoder then is the pretrained model under a causal mask, from which training departs;
/// a norm behind the sum would change the pretrained model's states even so.
enum DistilBERT {
  static let ignoredKeys = ["embeddings.position_ids"]

  static func makeDecoder(_ weights: WeightScope, _ c: DistilBERTConfiguration) -> PostNormDecoder {
    let embeddings = TokenEmbeddings(
      distilBERT: weights["distilbert.embeddings"], c, head: weights.joined("vocab_projector.weight"))
    let layers = (0..<c.nLayers).map {
      PostNormLayer(distilBERT: weights["distilbert.transformer.layer.\($0)"], c, index: $0)
    }
    let projector = weights["vocab_projector"]
    let weight = WordProjection.weight(
      projector, [c.vocabSize, c.dim], tiedTo: c.tieWordEmbeddings ? embeddings.words : nil,
      deviation: c.initializerRange)
    let head = TransformedHead(
      transform: c.linear(weights["vocab_transform"]), activation: c.activation,
      norm: c.norm(weights["vocab_layer_norm"]), weight: weight,
      bias: projector.parameter("bias", [c.vocabSize], .zeros))
    return PostNormDecoder(
      embeddings: embeddings, layers: layers, output: head, positions: .counted,
      vocabularySize: c.vocabSize, width: c.dim, maximumLength: c.maxPositionEmbeddings)
  }
}

/// Hugging Face's `DistilBertConfig`.
struct DistilBERTConfiguration {
  let vocabSize: Int
  let maxPositionEmbeddings: Int
  /// Whether fresh positions are sines and cosines; those of a checkpoint are what they are.
  let sinusoidalPosEmbds: Bool
  let nLayers: Int
  let nHeads: Int
  let dim: Int
  let hiddenDim: Int
  let dropout: Float
  let attentionDropout: Float
  let activation: Activation
  let initializerRange: Double
  let padTokenID: Int
  let tieWordEmbeddings: Bool

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    vocabSize = try json["vocab_size"].size(default: 30522)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 512)
    sinusoidalPosEmbds = try json["sinusoidal_pos_embds"].value(default: false)
    nLayers = try json["n_layers", "num_hidden_layers"].size(default: 6, upTo: 1024)
    dim = try json["dim", "hidden_size"].size(default: 768)
    nHeads = try json["n_heads", "num_attention_heads"].heads(of: dim, default: 12)
    hiddenDim = try json["hidden_dim"].size(default: 3072)
    dropout = try json["dropout"].probability(default: 0.1)
    attentionDropout = try json["attention_dropout"].probability(default: 0.1)
    activation = try json["activation"].activation(default: "gelu")
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: 0)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: true)
    try json.requireCrossAttention()
  }
}

extension DistilBERTConfiguration {
  fileprivate func linear(_ weights: WeightScope) -> Linear { linear(weights, from: dim, to: dim) }

  fileprivate func linear(_ weights: WeightScope, from input: Int, to output: Int) -> Linear {
    Linear(weights, from: input, to: output, deviation: initializerRange)
  }

  fileprivate func norm(_ weights: WeightScope) -> LayerNorm {
    LayerNorm(weights, width: dim, epsilon: 1e-12)
  }

  fileprivate func attention(isCausal: Bool) -> AttentionOptions {
    AttentionOptions(
      heads: nHeads, scale: 1 / Float(dim / nHeads).squareRoot(), isCausal: isCausal,
      dropout: attentionDropout)
  }
}

extension TokenEmbeddings {
  fileprivate init(distilBERT weights: WeightScope, _ c: DistilBERTConfiguration, head: String) {
    self.init(
      words: weights.parameter(
        "word_embeddings.weight", [c.vocabSize, c.dim], .embedding(c.initializerRange, padding: c.padTokenID),
        twin: c.tieWordEmbeddings ? head : nil),
      positionTable: weights.parameter(
        "position_embeddings.weight", [c.maxPositionEmbeddings, c.dim],
        c.sinusoidalPosEmbds ? .sinusoidal : .normal(c.initializerRange)),
      tokenTypes: nil, norm: c.norm(weights["LayerNorm"]), dropout: c.dropout, wordPadding: c.padTokenID,
      positionPadding: nil)
  }
}

extension PostNormLayer {
  /// Only embeddings and feed-forward have dropout behind them.
  fileprivate init(distilBERT weights: WeightScope, _ c: DistilBERTConfiguration, index: Int) {
    let (own, cross) = (weights["attention"], weights["crossattention"])
    self.init(
      selfAttention: DecoderSelfAttention(
        project: .separate([c.linear(own["q_lin"]), c.linear(own["k_lin"]), c.linear(own["v_lin"])]),
        output: c.linear(own["out_lin"]), options: c.attention(isCausal: true), dropout: 0, layer: index),
      selfNorm: c.norm(weights["sa_layer_norm"]),
      crossAttention: DecoderCrossAttention(
        query: c.linear(cross["q_lin"]),
        keysAndValues: .separate([c.linear(cross["k_lin"]), c.linear(cross["v_lin"])]),
        output: c.linear(cross["out_lin"]), options: c.attention(isCausal: false), dropout: 0, layer: index),
      crossNorm: .before(c.norm(weights["ca_layer_norm"])),
      expand: c.linear(weights["ffn.lin1"], from: c.dim, to: c.hiddenDim),
      contract: c.linear(weights["ffn.lin2"], from: c.hiddenDim, to: c.dim), activation: c.activation,
      dropout: c.dropout, norm: c.norm(weights["output_layer_norm"]))
  }
}
