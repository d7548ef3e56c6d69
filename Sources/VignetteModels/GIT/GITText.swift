import VignetteFiles
import VignetteTensors

/// GIT's text part: a post-norm Transformer over one sequence, the image tokens first and then those of the caption.
///
/// The image tokens see each other; a token of the caption sees all of them and its row up to itself. As no image token
/// sees a word, the images pass through the layers once, whatever and however much is written about them. Words have
/// positions of their own, from 0; image tokens have none.
struct GITText: TextDecoder {
  private let embeddings: TokenEmbeddings
  private let layers: [GITLayer]
  private let output: WordProjection
  private let configuration: BERTConfiguration

  init(_ weights: WeightScope, _ c: BERTConfiguration) {
    configuration = c
    embeddings = TokenEmbeddings(
      bert: weights["git.embeddings"], c, hasTokenTypes: false, positionPadding: nil,
      head: weights.joined("output.weight"))
    layers = (0..<c.numHiddenLayers).map { GITLayer(weights["git.encoder.layer.\($0)"], c, index: $0) }
    output = WordProjection(
      weight: WordProjection.weight(
        weights["output"], [c.vocabSize, c.hiddenSize], tiedTo: c.tieWordEmbeddings ? embeddings.words : nil,
        deviation: c.initializerRange),
      bias: weights["output"].parameter("bias", [c.vocabSize], .zeros))
  }

  var vocabularySize: Int { configuration.vocabSize }
  var maximumLength: Int { configuration.maxPositionEmbeddings }
  var width: Int { configuration.hiddenSize }
  var layerCount: Int { layers.count }
  var positions: TokenPositions { .counted }

  func embed(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor {
    embeddings(tokens, at: positions, on: tape)
  }

  /// Words [B, T, C], or [N, C] with a cache, which has the images' keys and values from the first step on.
  func transform(_ embedded: Tensor, _ context: DecoderContext) -> Tensor {
    let isNew = context.cache?.awaitsImages ?? true
    var (image, words) = (isNew ? context.image : nil, embedded)
    for (index, layer) in layers.enumerated() {
      let seen = image.map(layer.keysAndValues)
      words = layer(words, after: seen, context)
      // Nothing looks at what the last layer makes of the images.
      guard index + 1 < layers.count, let tokens = image, let seen else { continue }
      image = layer(tokens, seeing: seen)
    }
    return words
  }

  func head(_ hidden: Tensor) -> Tensor { output(hidden) }
}

/// One layer: attention and feed-forward, each added to its input and then normalised.
///
/// What runs from norm to norm is float32, whatever products compute in.
private struct GITLayer {
  private let query, key, value: Linear
  private let attention: AttentionOptions
  private let attentionOutput: Linear
  private let attentionNorm: LayerNorm
  private let expand, contract: Linear
  private let activation: Activation
  private let norm: LayerNorm
  private let dropout: Float
  private let index: Int

  init(_ weights: WeightScope, _ c: BERTConfiguration, index: Int) {
    query = c.linear(weights["attention.self.query"])
    key = c.linear(weights["attention.self.key"])
    value = c.linear(weights["attention.self.value"])
    attention = c.attention(isCausal: false)
    attentionOutput = c.linear(weights["attention.output.dense"])
    attentionNorm = c.norm(weights["attention.output.LayerNorm"])
    expand = c.linear(weights["intermediate.dense"], from: c.hiddenSize, to: c.intermediateSize)
    contract = c.linear(weights["output.dense"], from: c.intermediateSize, to: c.hiddenSize)
    activation = c.hiddenAct
    norm = c.norm(weights["output.LayerNorm"])
    dropout = c.hiddenDropoutProb
    self.index = index
  }

  typealias KeysAndValues = (keys: Tensor, values: Tensor)

  /// [I, S, C] → what there is to see of them, likewise.
  func keysAndValues(_ x: Tensor) -> KeysAndValues {
    let parts = Projections.separate([key, value])(x)
    return (parts[0], parts[1])
  }

  /// Image tokens [I, S, C], each of which sees all of its image.
  func callAsFunction(_ x: Tensor, seeing image: KeysAndValues) -> Tensor {
    Tape.recomputed([x, image.keys, image.values]) {
      finish($0[0], VignetteTensors.attention(query($0[0]), $0[1], $0[2], attention))
    }
  }

  /// Words [B, T, C], or [N, C] with a cache, each of which sees its image and its row up to itself.
  ///
  /// - Parameter image: nil where the cache has it.
  func callAsFunction(_ x: Tensor, after image: KeysAndValues?, _ context: DecoderContext) -> Tensor {
    if let cache = context.cache {
      if let image { cache.prepend(layer: index, keys: image.keys, values: image.values) }
      let parts = Projections.separate([query, key, value])(x)
      let mixed = cache.attend(
        layer: index, query: parts[0], key: parts[1], value: parts[2], heads: attention.heads,
        scale: attention.scale)
      return finish(x, mixed)
    }
    guard let image else { preconditionFailure("words without an image") }
    return Tape.recomputed([x, image.keys, image.values]) { inputs in
      let parts = Projections.separate([query, key, value])(inputs[0])
      let (keys, values) = (
        prepend(inputs[1], to: parts[1], rowsPerEntry: context.captionsPerImage),
        prepend(inputs[2], to: parts[2], rowsPerEntry: context.captionsPerImage)
      )
      var causal = attention
      causal.isCausal = true
      context.recorder?.note { attentionWeights(parts[0], keys, causal) }
      return finish(inputs[0], VignetteTensors.attention(parts[0], keys, values, causal))
    }
  }

  /// What follows attention's mixture of values.
  private func finish(_ x: Tensor, _ mixed: Tensor) -> Tensor {
    let x = attentionNorm(attentionOutput(mixed, adding: x, dropout: dropout), output: .float32)
    return norm(contract(expand(x, activation: activation), adding: x, dropout: dropout), output: .float32)
  }
}

extension BERTConfiguration {
  /// Hugging Face's `GitConfig`, as far as it is about text.
  ///
  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(git json: JSONField) throws {
    vocabSize = try json["vocab_size"].size(default: 30522)
    hiddenSize = try json["hidden_size"].size(default: 768)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 6, upTo: 1024)
    numAttentionHeads = try json["num_attention_heads"].heads(of: hiddenSize, default: 12)
    intermediateSize = try json["intermediate_size"].size(default: 3072)
    hiddenAct = try json["hidden_act"].activation(default: "gelu")
    hiddenDropoutProb = try json["hidden_dropout_prob"].probability(default: 0.1)
    attentionProbsDropoutProb = try json["attention_probs_dropout_prob"].probability(default: 0.1)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 1024)
    typeVocabSize = 0
    initializerRange = try json["initializer_range"].positive(default: 0.02)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-12))
    padTokenID = try json["pad_token_id"].token(below: vocabSize, default: 0)
    tieWordEmbeddings = try json["tie_word_embeddings"].value(default: false)
  }
}
